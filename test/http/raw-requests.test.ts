import { rawRequests } from './raw-requests.ts';

rawRequests(null);
