/** Characters that show nothing, or turn the direction of the text around them. */
const odd = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const parts = new RegExp(`(${odd.source})`, 'u');

/** Text out of a package: always text, with marks for its invisible characters. */
export function Hostile({ text }: { text: string }) {
  if (!odd.test(text)) return <bdi>{text}</bdi>;
  return (
    <bdi>
      {text.split(parts).map((part, index) =>
        odd.test(part) ? (
          <span class="mark-odd" key={index}>
            {`<U+${part.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`}
          </span>
        ) : (
          part
        ),
      )}
    </bdi>
  );
}

/** A link that a package gave: to https alone, without a word of where it was followed from, and its host is shown. */
export function HostileLink({ address }: { address: string }) {
  const plain = address.replace(/^git\+/, '').replace(/\.git$/, '');
  const isSafe = plain.startsWith('https://') && URL.canParse(plain);
  if (!isSafe) return <Hostile text={address} />;
  return (
    <a href={plain} rel="noopener noreferrer nofollow" target="_blank">
      <Hostile text={`${new URL(plain).host}${new URL(plain).pathname}`} />
    </a>
  );
}
