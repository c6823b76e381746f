"""Says what Ansible does on each host, a line of JSON each, for the program that started it."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: allgood
    type: stdout
    short_description: a line of JSON for what happens on a host
    description:
        - Says what Ansible does on each host, for the program that started it.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "allgood"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # One script on each host, which has ended there with its first result; or a playbook.
        self._script = os.environ.get("ALLGOOD_ANSIBLE") == "script"
        self._why = {}

    def _say(self, host, **what):
        line = json.dumps(dict(what, host=str(host)), default=str).encode() + b"\n"
        while line:
            line = line[os.write(1, line):]

    def _printed(self, result):
        printed = []
        for key in ("stdout", "stderr", "module_stdout", "module_stderr"):
            text = result.get(key)
            if isinstance(text, str) and text:
                printed.append(text if text.endswith("\n") else text + "\n")
        return "".join(printed)

    def _told(self, word, outcome):
        result = outcome._result
        name = outcome._task.get_name().strip()
        lines = ["%s: %s\n" % (word, name)]
        body = self._printed(result)
        if word in ("failed", "unreachable", "failed, ignored") and result.get("msg"):
            body = "%s\n%s" % (result["msg"], body)
        elif not body and outcome._task.action in ("debug", "ansible.builtin.debug"):
            body = "%s\n" % (result.get("msg", ""),)
        for line in body.splitlines():
            lines.append("    %s\n" % line)
        return "".join(lines)

    def _host(self, outcome):
        return outcome._host.get_name()

    def _ended(self, outcome, word):
        host, result = self._host(outcome), outcome._result
        failed = word != "ok"
        if failed:
            self._why[host] = str(result.get("msg") or "")
        if not self._script:
            changed = not failed and result.get("changed")
            self._say(host, text=self._told("changed" if changed else word, outcome))
            return
        text = self._printed(result)
        if text:
            self._say(host, text=text)
        rc = result.get("rc")
        rc = rc if isinstance(rc, int) and word != "unreachable" else (None if failed else 0)
        self._say(host, end=word, rc=rc, why=self._why.get(host))

    def v2_runner_on_ok(self, result, **kwargs):
        self._ended(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False, **kwargs):
        if ignore_errors:
            self._say(self._host(result), text=self._told("failed, ignored", result))
        else:
            self._ended(result, "failed")

    def v2_runner_on_unreachable(self, result, **kwargs):
        self._ended(result, "unreachable")

    def v2_runner_on_skipped(self, result, **kwargs):
        if self._script:
            self._say(self._host(result), end="ok", rc=0, why=None)
        else:
            self._say(self._host(result), text=self._told("skipped", result))

    def v2_on_file_diff(self, result, **kwargs):
        if self._script or not result._result.get("diff"):
            return
        found = result._result["diff"]
        text = self._get_diff(found if isinstance(found, list) else [found])
        if text:
            self._say(self._host(result), text=text if text.endswith("\n") else text + "\n")

    def v2_playbook_on_stats(self, stats):
        if self._script:
            return
        for host in sorted(stats.processed):
            count = stats.summarize(host)
            word = "unreachable" if count["unreachable"] else "failed" if count["failures"] else "ok"
            named = ("ok", "changed", "skipped", "rescued", "ignored", "failures", "unreachable")
            text = ", ".join("%s %s" % (count[name], name) for name in named if count.get(name))
            self._say(host, text="%s\n" % (text or "nothing was done"))
            self._say(host, end=word, rc={"ok": 0, "failed": 2}.get(word), why=self._why.get(host))
