# The operators' page is built with tools that do not get into the image.
FROM node:24-bookworm-slim AS page
WORKDIR /srv/points-hub
COPY package.json package-lock.json .npmrc ./
COPY outbox/package.json outbox/
COPY adapters/package.json adapters/
COPY hub/package.json hub/
COPY dlq-console/package.json dlq-console/
COPY cli/package.json cli/
COPY dlq-console/page/package.json dlq-console/page/
COPY dev/package.json dev/
COPY bench/package.json bench/
RUN npm ci --workspace=dlq-console/page
COPY tsconfig.json ./
COPY dlq-console/page dlq-console/page
RUN node dlq-console/page/build.ts

# The hub, all roles in one image: `docker compose` names the role of each service.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /srv/points-hub
COPY package.json package-lock.json .npmrc ./
COPY outbox/package.json outbox/
COPY adapters/package.json adapters/
COPY hub/package.json hub/
COPY dlq-console/package.json dlq-console/
COPY cli/package.json cli/
COPY dlq-console/page/package.json dlq-console/page/
COPY dev/package.json dev/
COPY bench/package.json bench/
# Only what runs in production: no development tools, and not the folder dev with its embedded Postgres.
RUN npm ci --omit=dev --workspace=outbox --workspace=adapters --workspace=hub --workspace=dlq-console --workspace=cli

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /srv/points-hub
COPY --from=dependencies /srv/points-hub/node_modules node_modules
COPY package.json ./
COPY outbox outbox
COPY adapters adapters
COPY hub hub
COPY dlq-console dlq-console
COPY cli cli
COPY --from=page /srv/points-hub/dlq-console/page/dist dlq-console/page/dist
# Node runs the TypeScript as it is, by stripping types; only the page is built. What it has stripped and compiled is
# kept from here on, so that no process carries the tools for it: 25 MB each.
ENV NODE_COMPILE_CACHE=/srv/points-hub/compiled
RUN mkdir compiled && chown node compiled
USER node
RUN node hub/main.ts --help && node dlq-console/main.ts --help
EXPOSE 8080
CMD ["node", "hub/main.ts"]
