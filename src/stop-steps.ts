/** One part of a stop. Its name says in the log what failed. */
export interface StopStep {
  readonly name: string;
  readonly run: () => unknown;
}

/** Takes every step in its turn, whatever became of those before. Never rejects. */
export async function takeSteps(
  steps: readonly StopStep[],
  onFailure: (error: unknown, name: string) => void,
): Promise<void> {
  for (const { name, run } of steps) {
    try {
      await run();
    } catch (error) {
      onFailure(error, name);
    }
  }
}
