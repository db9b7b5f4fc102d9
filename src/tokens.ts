export type TokenCounter = (text: string) => number;

/**
 * Loads the tokenizer that window texts are measured with; output bytes depend on it, so it is pinned by name and version.
 * It is large (a few megabytes, some 100 ms), so only commands that render text pay for it.
 */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // Log text may spell a model's control tokens, such as <|endoftext|>; they are counted as the plain text they are.
  const asPlainText = { disallowedSpecial: new Set<string>() };
  return (text) => countTokens(text, asPlainText);
}
