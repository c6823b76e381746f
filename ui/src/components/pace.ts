// Duration against the usual: the usual stands at two thirds, further left when it was exceeded by more than half.

/** Both as percent of the track. */
export function pace(took: number, usual: number): { took: number; usual: number } {
  if (usual <= 0) return { took: 100, usual: 100 };
  const full = Math.max(usual * 1.5, took);
  return { took: Math.max(1, (took / full) * 100), usual: (usual / full) * 100 };
}
