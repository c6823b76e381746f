# A guard that is misspelt stops the block: no option gets past it.
allgood check case.md 2>&1
echo "status $?"
allgood run case.md --auto --yes 2>&1
echo "status $?"
test ! -e dropped && echo "nothing was run"
