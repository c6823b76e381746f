// How an environment is marked: by texture, never by a colour alone (the design's plates).

import type { EnvironmentView } from "../bindings/types";

export interface Plate {
  /** The class that goes with `plate`. */
  look: "" | "plate--prod" | "plate--stage" | "plate--dev";
  /** What it says. */
  text: string;
  /** What it says to those who hear rather than see. */
  label: string;
}

const LOOKS: Record<string, Plate["look"]> = {
  production: "plate--prod",
  staging: "plate--stage",
  development: "plate--dev",
};

export function plateOf(environment: EnvironmentView): Plate {
  const { name, kind } = environment;
  const known = kind !== null && kind !== name ? ` (${kind})` : "";
  return { look: LOOKS[kind ?? ""] ?? "", text: name, label: `Environment ${name}${known}` };
}
