// A runbook whose commands run on many hosts, for the stand-in host.

import type { RunbookSpec } from "./build";
import type { HostPlay } from "./fleet";

const GATES: HostPlay[] = Array.from({ length: 12 }, (_, index): HostPlay => {
  const name = `gate-${String(index + 1).padStart(2, "0")}`;
  const host: HostPlay = { name, lines: [`${name}: restarting`, `${name}: scanning`], takes: 900 + index * 120 };
  if (index === 3) {
    const full = [`${name}: restarting`, "cannot write /var/lib/gate: No space left on device"];
    return { ...host, before: { lines: full, takes: 1400, exit: 1 } };
  }
  if (index === 8) {
    const note = `${name}: the host cannot be reached (Connection timed out): see whether it is up, and the way to it open`;
    return { ...host, before: { lines: [], takes: 2000, note } };
  }
  return host;
});

const SCANNERS: HostPlay[] = Array.from({ length: 200 }, (_, index): HostPlay => {
  const name = `scanner-${String(index + 1).padStart(3, "0")}`;
  const host: HostPlay = { name, lines: [`${name}: 4.2.1`], takes: 400 + ((index * 37) % 400) };
  return index % 67 === 50 ? { ...host, before: { lines: [`${name}: 4.1.9`], takes: 500, exit: 3 } } : host;
});

/** Twelve hosts of which two fail at first, and two hundred. */
export const gates: RunbookSpec = {
  relative: "hosts/scanners/restart-gates.md",
  title: "Restart the gates after an update",
  kind: "routine",
  owner: "Depot systems on-call",
  sections: [
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        {
          title: "Restart the gates",
          items: [
            {
              id: "restart-gates",
              language: "sh",
              on: "ssh:gates",
              script: "systemctl restart gate && gate wait --scanning",
              play: { lines: [], takes: 0, hosts: GATES },
            },
          ],
        },
        {
          title: "Every scanner has the new version",
          items: [
            {
              id: "versions",
              language: "sh",
              on: "ssh:scanners",
              script: "scanner --version | grep 4.2.1",
              play: { lines: [], takes: 0, hosts: SCANNERS },
            },
          ],
        },
      ],
    },
  ],
};
