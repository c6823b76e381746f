# A command does not do what was expected: the run stops, says what came, and the advice of the author.
allgood run case.md --auto 2>&1
echo "status $?"
allgood show-run "$(allgood runs --json | grep -o '"id": "[^"]*"' | cut -d '"' -f 4)"
