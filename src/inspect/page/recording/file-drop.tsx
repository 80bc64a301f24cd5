/** Opens a recording that is dropped or picked, and shows the progress or the error. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Page, usePage } from '../base/page-context.tsx';
import { bytes } from '../model/durations.ts';
import { fileFrom, forgetOpening, opening, openRecording } from './file-opening.ts';

export function FileDrop() {
  const page = usePage();
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      isOver.value = false;
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void openRecording(page, fileFrom(file));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [page, isOver]);
  return (
    <>
      {isOver.value && <p class="drop-here">Drop a recording to open it here</p>}
      <Notice />
    </>
  );
}

/** Opens the file dialog. */
export function pickFile(page: Page): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.jsonl,.ndjson,.json,.peerchart';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void openRecording(page, fileFrom(file));
  });
  input.click();
}

function Notice() {
  const now = opening.value;
  if (now.is === 'idle') return null;
  return (
    <div class="opening" role="status">
      {now.is === 'reading' ? (
        <>
          <p>
            Reading <b>{now.name}</b>: {bytes(now.bytes)}
            {now.of > 0 && ` of ${bytes(now.of)}`}
          </p>
          <progress
            aria-label="Reading progress"
            {...(now.of > 0 ? { value: now.bytes, max: now.of } : {})}
          />
        </>
      ) : (
        <p class="wrong">
          <b>{now.name}</b> could not be opened. {now.why}
        </p>
      )}
      <button type="button" class="quiet" onClick={forgetOpening}>
        {now.is === 'reading' ? 'Cancel' : 'Close'}
      </button>
    </div>
  );
}
