import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '@sluice/api';
import { ApiError } from '../api/client.ts';
import { ProblemNote } from './states.tsx';

/** An act that needs a reason: its effect, the field, and the button. Ctrl+Enter sends it, Escape leaves it. */
export function ReasonDialog({
  title,
  verb,
  isDanger = false,
  children,
  onSend,
  onClose,
}: {
  title: string;
  verb: string;
  isDanger?: boolean;
  children?: ComponentChildren;
  /** Rejects with ApiError when it was not done; the dialog stays open then. */
  onSend: (reason: string) => Promise<void>;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  const send = async (event?: Event) => {
    event?.preventDefault();
    if (isBusy || reason.trim() === '') return;
    setBusy(true);
    try {
      await onSend(reason.trim());
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title">
      <form onSubmit={(event) => void send(event)}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <label class="field">
          Reason, which the audit keeps
          <textarea
            rows={3}
            required
            autofocus
            maxLength={2_000}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send(event);
            }}
          />
        </label>
        {problem && <ProblemNote problem={problem} />}
        <div class="actions">
          <button
            type="submit"
            class={isDanger ? 'danger' : 'primary'}
            disabled={isBusy || reason.trim() === ''}
          >
            {isBusy ? 'Sending …' : verb}
          </button>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </dialog>
  );
}
