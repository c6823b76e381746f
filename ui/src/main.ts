import { mount } from "svelte";

import App from "./App.svelte";
import { startHost } from "./host";
import "./styles/index.css";

const target = document.getElementById("app");
if (target) {
  await startHost();
  mount(App, { target });
}
