import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** What the field contains at first. */
  opening: string;
  replying: boolean;
  /** Whether the visitor has chosen to type. Otherwise a notice, which is above, says why. */
  chosen: boolean;
  send: (text: string) => void;
  stop: () => void;
}

/** The field for typing. Enter sends, Shift and Enter begin a new line. */
export function Composer({ opening, replying, chosen, send, stop }: Props) {
  const [text, setText] = useState(opening);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // The field has appeared because of a button that is gone now: its focus comes here.
    if (document.activeElement === document.body) field.current?.focus({ preventScroll: !chosen });
  }, []);
  const submit = () => {
    if (replying || text.trim() === '') return;
    send(text);
    setText('');
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label for="say">What do you say?</label>
      <textarea
        id="say"
        ref={field}
        rows={3}
        maxLength={4000}
        value={text}
        data-role="say"
        aria-describedby="say-hint"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <p id="say-hint" class="hint">Enter sends, Shift and Enter begin a new line.</p>
      <div class="actions">
        <button type="submit" class="strong" data-role="send" aria-disabled={replying || text.trim() === '' ? 'true' : undefined}>Send</button>
        {replying && <button type="button" data-role="stop" onClick={stop}>Stop the reply</button>}
      </div>
    </form>
  );
}
