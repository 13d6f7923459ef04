/** The body as text, in the character set its content type names; UTF-8 when it names none that is known. */
export function decodeText(body: Uint8Array, contentType: string | undefined): string {
  const [, label = 'utf-8'] = /charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '') ?? []
  try {
    return new TextDecoder(label).decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}
