import { describe, expect, test } from 'vitest';

import { parametersOf, schemaSql, upsertSql } from '../../src/crawl/result-table.ts';
import { refusedRecord, visitRecord } from '../support/visit-records.ts';

describe('the table of results', () => {
  test('has a column and a parameter for each fact of a visit', () => {
    const [table] = schemaSql('postgres');
    expect(table).toContain('id text PRIMARY KEY, first_seen bigint, enode text');
    expect(table).toContain('capabilities jsonb');
    expect(upsertSql((index) => `$${index}`)).toContain(
      `$${parametersOf(visitRecord()).length}, 1`,
    );
  });

  test('what a visit did not find out is null', () => {
    expect(parametersOf(visitRecord())).not.toContain(null);
    expect(parametersOf(refusedRecord())).toContain(null);
  });
});
