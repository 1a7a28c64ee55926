# Chat Probe and its simulator. Without options the image runs the service; the simulator is
# `docker run ... node dist/lab/simulator/main.js`.
#
# `npm run check:image` builds it and tries the image.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
# Manifests first: the layer of packages is made anew only when they change. No package needs its install script.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY lab ./lab
RUN npm run build && rm dist/.tsbuildinfo dist/src/browser/*.tsbuildinfo

FROM node:24.21.0-bookworm-slim AS deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
# NODE_ENV: in production the adapter must be named; nobody gets made-up verdicts by forgetting a setting.
# CHATPROBE_HOST: a container that listens on loopback cannot be reached. Beyond loopback the service refuses to start
# without CHATPROBE_API_TOKEN_FILE (or CHATPROBE_API_TOKEN) unless CHATPROBE_ALLOW_ANONYMOUS=true. That is wanted: an
# image that runs open by default ends up open in production.
# CHATPROBE_PORT: the port that EXPOSE tells.
ENV NODE_ENV=production \
    CHATPROBE_HOST=0.0.0.0 \
    CHATPROBE_PORT=8080
WORKDIR /app
# All files stay root's, so that the service cannot change them. It writes none: a read-only root file system will do.
COPY --from=deps /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY scenarios ./scenarios
COPY package.json LICENSE ./
# `node` of the base image, by its number: of a name Kubernetes' runAsNonRoot cannot tell that it is not root.
USER 1000
EXPOSE 8080
STOPSIGNAL SIGTERM
# By the configuration that the service has: over TLS where it speaks TLS.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["node", "dist/src/main.js", "--check-health"]
CMD ["node", "--max-semi-space-size=16", "dist/src/main.js"]
