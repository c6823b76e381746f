import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist/", "src/bindings/", "shots/", "node_modules/"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-undef": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // The page's address is a fragment; there is no router that would have to resolve it.
      "svelte/no-navigation-without-resolve": "off",
      // Values are replaced whole, which runes see.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  // HTML of a runbook reaches the page in one place.
  { files: ["src/components/Prose.svelte"], rules: { "svelte/no-at-html-tags": "off" } },
  {
    files: ["src/**/*"],
    ignores: ["src/host/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@tauri-apps/*"], message: "Only src/host may know Tauri." }] },
      ],
    },
  },
);
