import { useState } from 'preact/hooks';
import { query, send } from '../api/client.ts';

/** Saves an answer of the API as a file: a link could not show the key. */
export function Download({ path, formats }: { path: string; formats: readonly string[] }) {
  const [failed, setFailed] = useState<string | null>(null);
  const save = async (format: string) => {
    const response = await send(path + query({ format }), {}).catch(() => null);
    if (!response?.ok) {
      setFailed(`The report could not be read (${response?.status ?? 'no answer'}).`);
      return;
    }
    const named = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    const address = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement('a'), {
      href: address,
      download: named ?? `report.${format}`,
    });
    link.click();
    URL.revokeObjectURL(address);
    setFailed(null);
  };
  return (
    <label class="toolbar" style={{ margin: 0 }}>
      <span class="hidden-text">Save a report as</span>
      <select
        value=""
        onChange={({ currentTarget }) => {
          void save(currentTarget.value);
          currentTarget.value = '';
        }}
      >
        <option value="" disabled>
          Save a report …
        </option>
        {formats.map((format) => (
          <option key={format}>{format}</option>
        ))}
      </select>
      {failed !== null && <span role="alert">{failed}</span>}
    </label>
  );
}
