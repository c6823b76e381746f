// Runbooks of our own invention, in as many shapes as the screens have to show.

import type { RunStatus } from "../../bindings/types";
import type { RunbookSpec, SectionSpec } from "./build";
import { failover, restore } from "./failover";
import { gates } from "./gates";

const queue: RunbookSpec = {
  relative: "queues/move-broker.md",
  title: "Move the parcel queue to the spare broker",
  kind: "incident",
  severity: "SEV 1",
  summary: "The first broker of the parcel queue does not answer, or its disk is failing.",
  outcome: "The spare takes writes, no parcel is lost, and the scanners have reconnected.",
  owner: "Depot systems on-call",
  reviewed: "2026-11-03",
  tags: ["queues", "depot"],
  params: [
    {
      name: "FROM",
      prompt: "Broker that failed",
      default: "broker-a",
      choices: [],
      pattern: null,
      required: true,
      secret: false,
    },
    {
      name: "TO",
      prompt: "Broker to move to",
      default: "broker-b",
      choices: [],
      pattern: null,
      required: true,
      secret: false,
    },
  ],
  links: [
    ["Parcel queue, depth and lag", "https://graphs.example.net/d/parcels", "graphs.example.net"],
    ["Incident room", "https://chat.example.net/c/inc-parcels", "chat.example.net"],
    ["Why we drain before we move", "https://wiki.example.net/drain-first", "wiki.example.net"],
    ["The broker's own log", "file:///var/log/broker.log", "broker.log"],
  ],
  problems: [{ code: "no-responders", severity: "hint", line: 1, message: "An incident says who responds." }],
  sections: [
    {
      phase: "reference",
      heading: "Overview",
      intro:
        '<p>The depot scans each parcel into a queue of two brokers. When the first is gone the spare holds a copy, but nobody writes to it until it has been <strong>promoted</strong>.</p><ul><li>Scanners keep 20 minutes of scans in their own memory.</li><li>Labels are printed without the queue.</li></ul><p>Background: <a href="https://wiki.example.net/drain-first">why we drain before we move</a>, and <a href="#validation">how we know that it worked</a>.</p><p><img data-src="https://wiki.example.net/brokers.png" alt="Two brokers and the scanners"></p>',
    },
    {
      phase: "preconditions",
      heading: "Preconditions",
      steps: [
        { title: "Broker down, seen by two", items: ["Two people see that broker-a does not answer on port 5672"] },
        {
          title: "The spare is in step",
          items: [
            {
              id: "spare-lag",
              kind: "probe",
              script: "./lag broker-b",
              expects: ["< 5"],
              play: {
                lines: ["lag of broker-b: 0.4 s"],
                takes: 700,
                observed: [["number < 5", "0.4", true]],
              },
            },
          ],
        },
        { title: "Announced in the incident room", items: ["Said in the incident room that scanning will pause"] },
      ],
    },
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        {
          title: "Pause the scanners",
          number: "1",
          prose: "<p>Scanners keep what they read and send it later.</p>",
          items: [
            {
              id: "pause-scanners",
              script: "./scanners pause --all",
              expects: ["paused"],
              play: {
                lines: ["gate 1  paused", "gate 2  paused", "gate 3  paused"],
                takes: 1600,
                observed: [["paused", "found, line 1", true]],
              },
            },
            {
              id: "unpause-scanners",
              kind: "undo",
              script: "./scanners resume --all",
              play: { lines: ["gate 1  scanning", "gate 2  scanning", "gate 3  scanning"], takes: 900 },
            },
          ],
        },
        {
          title: "Fence broker-a",
          number: "2",
          prose: "<p>So that it cannot come back and take writes of its own.</p>",
          items: [
            {
              id: "fence",
              script: "./fence broker-a",
              timeout_ms: 120000,
              play: { lines: ["power of broker-a: off"], takes: 1200 },
            },
            {
              id: "unfence",
              kind: "undo",
              script: "./fence --release broker-a",
              play: {
                lines: ["power of broker-a: on"],
                takes: 900,
                before: [{ lines: ["the power controller is busy"], takes: 900, exit: 1 }],
              },
            },
          ],
        },
        {
          title: "Promote broker-b",
          number: "3",
          noReturn: true,
          prose:
            "<p>The spare becomes the first broker, and <code>broker-c</code> follows it. Scanners stay paused until step 5, so nothing is lost while you wait.</p>",
          fails:
            "<p><strong>If it fails.</strong> A broker that stays a spare usually waits for a lock. Free it with <code>./locks free parcels</code>, then try again.</p>",
          items: [
            "broker-a does not answer on 5672, tried from two hosts",
            "Nobody else is changing this pair",
            {
              id: "promote",
              language: "sh",
              script: "./broker promote broker-b",
              expects: ["/promoted to first/"],
              timeout_ms: 60000,
              play: {
                lines: [
                  "\u001b[2mNOTICE:\u001b[0m promoting the spare",
                  "\u001b[2mDETAIL:\u001b[0m queue parcels, 48,113 messages",
                  "\u001b[2mNOTICE:\u001b[0m PROMOTE successful",
                  '\u001b[2mDETAIL:\u001b[0m broker "broker-b" was promoted to first',
                ],
                takes: 2400,
                observed: [["/promoted to first/", "found, line 4", true]],
              },
            },
            {
              id: "follow",
              script: "./broker follow --first broker-b broker-c",
              expects: ["/FOLLOW successful/"],
              timeout_ms: 120000,
              play: {
                lines: [
                  "\u001b[2mNOTICE:\u001b[0m looking for the new first broker",
                  '\u001b[2mINFO:  \u001b[0m broker-c attached to "broker-b", switched to term 8',
                  "\u001b[2mINFO:  \u001b[0m restarting the receiver",
                  "\u001b[2mNOTICE:\u001b[0m FOLLOW successful",
                ],
                takes: 40000,
                observed: [["/FOLLOW successful/", "found, line 4", true]],
              },
            },
            {
              id: "replica-lag",
              kind: "probe",
              script: "./lag broker-c",
              expects: ["< 5"],
              every_ms: 5000,
              within_ms: 120000,
              play: {
                lines: ["lag of broker-c: 1.1 s"],
                takes: 500,
                observed: [["number < 5", "1.1", true]],
                before: [
                  { lines: ["lag of broker-c: 41 s"], takes: 500, observed: [["number < 5", "41", false]] },
                  { lines: ["lag of broker-c: 19 s"], takes: 500, observed: [["number < 5", "19", false]] },
                  { lines: ["lag of broker-c: 8.2 s"], takes: 500, observed: [["number < 5", "8.2", false]] },
                ],
              },
            },
          ],
        },
        {
          title: "Point the gates at broker-b",
          number: "4",
          prose: "<p>Each gate gets the new address and reconnects. Scanners are still paused.</p>",
          fails:
            '<p><strong>If it fails.</strong> A gate left behind usually has a hung console. Restart it with <code>./gate restart 3</code>, then try again. If two gates are enough for tonight, <a href="#tell-the-depot">tell the depot</a>.</p>',
          items: [
            {
              id: "repoint",
              script: 'for gate in 1 2 3 4; do ./gate point "$gate" broker-b; done',
              expects: ["each line /broker-b/"],
              timeout_ms: 90000,
              play: {
                lines: [
                  "gate 1  parcels  to=broker-b  connected",
                  "gate 2  parcels  to=broker-b  connected",
                  "gate 3  parcels  to=broker-b  connected",
                  "gate 4  parcels  to=broker-b  connected",
                ],
                takes: 2000,
                observed: [["each line: /broker-b/", "4 of 4 lines", true]],
                before: [
                  {
                    lines: [
                      "gate 1  parcels  to=broker-b  connected",
                      "gate 2  parcels  to=broker-b  connected",
                      "gate 3  parcels  to=broker-a  no answer on the console",
                      "gate 4  parcels  to=broker-b  connected",
                    ],
                    takes: 2000,
                    observed: [["each line: /broker-b/", "3 of 4 lines; line 3: gate 3  parcels  to=broker-a", false]],
                  },
                ],
              },
            },
            {
              id: "point-back",
              kind: "undo",
              script: "./gates point-back",
              play: { lines: ["gates 1, 2 and 4 point to broker-a"], takes: 1200 },
            },
          ],
        },
        {
          title: "Resume scanning",
          number: "5",
          items: [
            {
              id: "resume",
              script: "./scanners resume --all",
              play: { lines: ["resumed"], takes: 900 },
            },
          ],
        },
        {
          title: "Tell the depot",
          number: "6",
          items: [
            {
              id: "tell",
              kind: "message",
              language: "message",
              text: "Scanning resumed at the new broker. Parcels scanned since 03:02 arrive within ten minutes; labels were not affected.",
            },
          ],
        },
      ],
    },
    {
      phase: "validation",
      heading: "Validation",
      steps: [
        {
          title: "Scans land on broker-b",
          items: [
            {
              id: "writes",
              kind: "probe",
              script: "./rate broker-b",
              expects: ["> 0"],
              play: { lines: ["scans in 10 s: 412"], takes: 600, observed: [["number > 0", "412", true]] },
            },
          ],
        },
        { title: "A test parcel goes through", items: ["A test parcel is scanned at gate 1 and shows up in the list"] },
      ],
    },
    {
      phase: "rollback",
      heading: "Rollback",
      intro: "<p>If the spare does not hold, go back to paper: print the list of the last hour.</p>",
      steps: [{ title: "Print the list", items: [{ id: "print-list", script: "./list --last 1h | lp" }] }],
    },
  ],
};

const guarded: RunbookSpec = {
  relative: "tests/asks-first.md",
  title: "Drop the orders table",
  kind: "routine",
  summary: "Asks before it does anything.",
  environments: [
    { name: "prod", kind: "production", guard: true },
    { name: "stg", kind: "staging", guard: false },
  ],
  params: [
    { name: "TABLE", prompt: null, default: "orders", choices: [], pattern: null, required: false, secret: false },
  ],
  sections: [
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        { title: "Be sure", items: [{ id: "sure", script: "true", confirm: true, play: { lines: [], takes: 10 } }] },
        {
          title: "Drop it",
          items: [
            {
              id: "drop",
              script: "drop orders",
              confirm: true,
              confirm_text: "orders",
              play: { lines: ["dropped"], takes: 10 },
            },
          ],
        },
        { title: "Tell them", items: [{ id: "tell", kind: "message", text: "{{TABLE}} is gone from {{CLUSTER}}." }] },
      ],
    },
  ],
};

const everything: RunbookSpec = {
  relative: "tests/one-of-each.md",
  title:
    "One of each: placeholders, doubts, variables, sessions and what is refused, with a title that is longer than its place",
  kind: "routine",
  summary: "Shows every kind of item once.",
  outcome: "Everything has been looked at.",
  owner: "Nobody in particular",
  problems: [
    {
      code: "attribute-refused",
      severity: "error",
      line: 31,
      message: '"confrim" is not an attribute: did you mean "confirm"?',
    },
    {
      code: "no-rollback",
      severity: "warning",
      line: 1,
      message: "It changes something and has no undo and no rollback.",
    },
    {
      code: "placeholder",
      severity: "hint",
      line: 12,
      message: 'The command needs "pod name", which could be a parameter.',
    },
  ],
  sections: [
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        {
          title: "Fill a placeholder",
          prose:
            "<p>Some prose with a list and a table:</p><table><thead><tr><th>Name</th><th>Means</th></tr></thead><tbody><tr><td>pod</td><td>the one that restarts</td></tr><tr><td>zone</td><td><code>eu-1</code> or <code>eu-2</code></td></tr></tbody></table><blockquote><p>Read this twice.</p></blockquote><pre><code>this is only shown\n</code></pre>",
          items: [
            {
              id: "delete-pod",
              script: 'podctl delete <pod name> --zone [ZONE] --reason "$REASON"',
              placeholders: ["pod name"],
              doubts: ["[ZONE]"],
              variables: ["REASON"],
              sample: "pod web-1 deleted",
              play: { lines: ["pod web-1 deleted"], takes: 900 },
            },
          ],
        },
        {
          title: "A session",
          items: [
            {
              id: "shell-in",
              language: "console",
              script: "ssh oncall@depot-1",
              session_input: ["systemctl status <unit>", "journalctl -u <unit> -n 20", "exit"],
              placeholders: ["unit"],
              play: { lines: ["Welcome to depot-1"], takes: 0, session: true },
            },
          ],
        },
        {
          title: "Refused",
          items: [
            {
              id: "refused-block",
              script: "rm -rf /srv/old",
              refused:
                'line 31: "confrim" is not an attribute that Allgood knows; it is one letter from "confirm", so this block does not run until it is mended.',
            },
          ],
        },
        {
          title: "A guess",
          items: [
            {
              id: "df-h",
              language: "",
              script: "df -h /",
              guessed: true,
              play: { lines: ["/dev/sda1  40G  31G  9G  78% /"], takes: 500 },
            },
          ],
        },
        { title: "Much output", items: [{ id: "flood", script: "yes", play: { lines: [], takes: 0, flood: "y" } }] },
        {
          title: "Optional",
          items: [{ id: "optional", script: "false", optional: true, play: { lines: [], takes: 300, exit: 1 } }],
        },
        {
          title: "A script of several lines",
          items: [
            {
              id: "long-script",
              language: "bash",
              script:
                '# keep the newest three\ncd /srv/backups\nls -1t *.tar.zst | tail -n +4 | while read -r old; do\n  echo "removing $old"\n  rm -- "$old"\ndone',
              play: { lines: ["removing a.tar.zst", "removing b.tar.zst"], takes: 800 },
            },
          ],
        },
      ],
    },
    {
      phase: "reference",
      heading: "Notes",
      intro: "<p>Nothing to do here.</p>",
      steps: [
        { title: "By hand", items: [{ id: "by-hand", script: "uptime", play: { lines: ["up 3 days"], takes: 300 } }] },
      ],
    },
  ],
};

const simple = (title: string, commands: string[]): SectionSpec[] => [
  {
    phase: "preconditions",
    heading: "Before you start",
    steps: [{ title: "Nobody else is at it", items: ["Nobody else is at it"] }],
  },
  {
    phase: "steps",
    heading: "Steps",
    steps: commands.map((script, index) => ({
      title: index === 0 ? title : `Part ${index + 1}`,
      number: String(index + 1),
      items: [
        {
          id: `do-${index + 1}`,
          script,
          play: { lines: [`${script}: done`], takes: 900 },
        },
      ],
    })),
  },
  { phase: "validation", heading: "Verification", steps: [{ title: "It looks right", items: ["It looks right"] }] },
];

const plain: [string, string, string | undefined, string | undefined, string | undefined][] = [
  ["hosts/logs/disk-almost-full.md", "Disk almost full on a log host", "incident", "SEV 3", "Platform on-call"],
  ["payments/webhook-backlog.md", "Payment webhooks are backing up", "incident", "SEV 2", "Payments"],
  ["edge/tls/expired.md", "Certificate expired at the edge", "incident", "SEV 2", "Edge"],
  ["network/dns/second-region.md", "Send DNS to the second region", "incident", "SEV 1", "Network"],
  ["databases/billing/nightly-backup.md", "Nightly backup of the billing database", "routine", undefined, "Data"],
  ["edge/tls/rotate.md", "Renew the certificates of the edge", "routine", undefined, "Edge"],
  [
    "databases/billing/restore-drill.md",
    "Restore drill: the billing database to a scratch host",
    "routine",
    undefined,
    "Data",
  ],
  ["support/accounts/second-factor.md", "Reset a customer’s second factor", "routine", undefined, "Support"],
  ["people/leaving.md", "Close accounts when someone leaves", "routine", undefined, "People"],
  ["people/access-review.md", "Review who can log in to production", "routine", undefined, "Security"],
  ["databases/orders/upgrade-replica.md", "Move one replica to the next major version", "routine", undefined, "Data"],
  ["hosts/build/prune-images.md", "Prune container images on the build hosts", "routine", undefined, "Build"],
  ["README.md", "How we write runbooks", undefined, undefined, undefined],
];

const rest: typeof plain = Array.from({ length: 24 }, (_, index) => [
  `services/service-${String(index + 1).padStart(2, "0")}.md`,
  `Restart service ${index + 1} without dropping requests`,
  index % 3 === 0 ? undefined : "routine",
  undefined,
  "Services",
]);

export const specs: RunbookSpec[] = [
  queue,
  everything,
  guarded,
  restore,
  failover,
  gates,
  ...[...plain, ...rest].map(([relative, title, kind, severity, owner]): RunbookSpec => {
    const spec: RunbookSpec = { relative, title, sections: simple(title, ["./prepare", "./act --all", "./settle"]) };
    if (kind) spec.kind = kind;
    if (severity) spec.severity = severity;
    if (owner) spec.owner = owner;
    if (kind === "incident")
      spec.problems = [
        {
          code: "no-rollback",
          severity: "warning",
          line: 1,
          message: "It changes something and has no undo and no rollback.",
        },
      ];
    return spec;
  }),
];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Past runs: of which file, how the last one ended, how long ago, how long they took. */
export const PAST: readonly [string, RunStatus, number, number][] = [
  ["hosts/logs/disk-almost-full.md", "passed", 6 * HOUR, 9 * 60_000],
  ["payments/webhook-backlog.md", "failed", 9 * DAY, 12 * 60_000],
  ["edge/tls/expired.md", "rolled_back", 90 * DAY, 31 * 60_000],
  ["databases/billing/nightly-backup.md", "passed", 12 * HOUR, 47 * 60_000],
  ["edge/tls/rotate.md", "passed", 24 * DAY, 34 * 60_000],
  ["databases/billing/restore-drill.md", "interrupted", 61 * DAY, 20 * 60_000],
  ["support/accounts/second-factor.md", "passed", 26 * HOUR, 4 * 60_000],
  ["people/leaving.md", "abandoned", 11 * DAY, 26 * 60_000],
  ["people/access-review.md", "passed", 19 * DAY, 52 * 60_000],
  ["hosts/build/prune-images.md", "passed", 5 * DAY, 6 * 60_000],
];
