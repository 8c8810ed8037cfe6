import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The heading of a screen, and of the tab. */
export function Head({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  return (
    <header class="head">
      <div>
        <h1>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      <div class="actions">{children}</div>
    </header>
  );
}
