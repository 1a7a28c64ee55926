import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { rawRequests } from './raw-requests.ts';

rawRequests({ ...selfSignedCertificate('127.0.0.1'), clientCa: null, requireClientCert: false, minVersion: 'TLSv1.2' });
