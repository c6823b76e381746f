// Who works by keyboard must not be thrown back to the top of the page when the thing that had the focus is gone: a
// button that has done its work, a menu whose last value was chosen, the dialog of a row that was taken away.

/** Watches until the answer is called; `fallback` gives the focus a place. */
export function keepFocus(fallback: () => void): () => void {
  let held: Element | null = null;
  const entered = (event: FocusEvent): void => {
    held = event.target instanceof Element ? event.target : null;
  };
  // Who clicks beside everything wants the focus nowhere; what is removed may say that it lost it while it still stands.
  const left = (event: FocusEvent): void => {
    if (event.relatedTarget !== null) return;
    setTimeout(() => {
      if (event.target === held && held?.isConnected) held = null;
    });
  };
  let asked = false;
  const look = (): void => {
    asked = false;
    if (held === null || held.isConnected || !lost()) return;
    held = null;
    fallback();
  };
  const observer = new MutationObserver(() => {
    if (asked || held === null || held.isConnected) return;
    asked = true;
    // Dialogs and menus give the focus back themselves where they can, a moment later.
    requestAnimationFrame(() => requestAnimationFrame(look));
  });
  document.addEventListener("focusin", entered);
  document.addEventListener("focusout", left);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", entered);
    document.removeEventListener("focusout", left);
    observer.disconnect();
  };
}

function lost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
