# Somebody adds a folder, looks around, runs a runbook without a terminal, and reads its record.
mkdir team && mv case.md team/lamp.md
allgood library add team 2>&1
allgood list
allgood search lamp
allgood show team/lamp.md
allgood check team/lamp.md --json
allgood run team/lamp.md --auto 2>&1
echo "status $?"
allgood run team/lamp.md --auto --yes
echo "status $?"
run=$(allgood runs --json | grep -o '"id": "[^"]*"' | head -n 1 | cut -d '"' -f 4)
allgood runs
allgood show-run "$run"
allgood verify "$run"
echo "status $?"
allgood report "$run" --format jsonl | head -n 2
