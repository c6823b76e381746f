# An incident that is marked and told about after the run was put aside, and after it is over.
allgood run disk.md < /dev/null > /dev/null 2>&1
echo "status $?"
run=$(allgood runs --json | jq -r '.[0].id')
allgood mark "$run" detected --at 2026-01-02T02:47:00Z
allgood mark "$run" severity SEV1 > out 2>&1
echo "status $?"; cat out
allgood mark "$run" severity SEV1 --reason 'orders are lost' | head -2
allgood mark "$run" responder MK --role 'incident lead' | grep lead
allgood mark "$run" detcted > out 2>&1
echo "status $?"; head -1 out
allgood mark "$run" mitigated --at 'soon' > out 2>&1
echo "status $?"; cat out
allgood update "$run"
allgood update "$run" tell-engineers
allgood update "$run" tell-engineers --sent
allgood update "$run" | head -1
allgood update "$run" customers > out 2>&1
echo "status $?"; cat out
allgood resume "$run" --yes --auto > /dev/null 2>&1
echo "status $?"
allgood mark "$run" verified --at 2026-01-02T03:19:00Z | grep -E 'verified|updates'
echo 'All is well, and stays so.' | allgood update "$run" --text -
allgood mark "$run" --json | jq -c '[.severity.value, .moments[].what, .updates.sent, .updates.due]'
# How long it was detected before the run began depends on the day.
allgood report "$run" | sed -n '/^## Incident/,/^## /p' | grep -v 'Time to detect' | sed -E 's/by [^ ]+@[A-Za-z0-9_.-]+/by ACTOR/g'
allgood verify "$run"
