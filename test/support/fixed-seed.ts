import fc from 'fast-check';

/** The same cases in every run, so that a run says something about the change under test alone. Another seed tries others. */
const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 1);

fc.configureGlobal({ seed: SEED });
