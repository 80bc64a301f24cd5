/** A long text with a button that copies it. */
import { useSignal } from '@preact/signals';
import { UNKNOWN } from '../model/amounts.ts';

export function CopyText({ text }: { readonly text: string }) {
  const said = useSignal('Copy');
  return (
    <p class="enode">
      <code>{text || UNKNOWN}</code>
      {text !== '' && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            navigator.clipboard?.writeText(text).then(
              () => {
                said.value = 'Copied';
              },
              () => {
                said.value = 'Not allowed: select and copy the text';
              },
            );
          }}
        >
          {said.value}
        </button>
      )}
    </p>
  );
}
