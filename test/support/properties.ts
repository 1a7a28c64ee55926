import fc from 'fast-check';
import { inject } from 'vitest';

const { seed, numRuns } = inject('properties');

fc.configureGlobal({ seed, numRuns });
