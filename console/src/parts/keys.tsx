import { useEffect, useRef } from 'preact/hooks';
import { areKeysOn } from './use-keyboard.ts';

/** The keys of a screen, and the switch for those who speak to their computer. */
export function Keys({ keys, onClose }: { keys: readonly [string, string][]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="facts">
        {keys.map(([name, what]) => (
          <>
            <dt>
              <kbd>{name}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p>
        <label>
          <input
            type="checkbox"
            checked={areKeysOn.value}
            onChange={({ currentTarget }) => (areKeysOn.value = currentTarget.checked)}
          />{' '}
          Single keys act
        </label>
      </p>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
