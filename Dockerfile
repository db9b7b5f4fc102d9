# Build: compile TypeScript and keep only what runs.
FROM node:24-bookworm-slim AS build
WORKDIR /winnow
COPY package.json package-lock.json .npmrc ./
COPY tools/node tools/node
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
WORKDIR /winnow
COPY --from=build /winnow/node_modules node_modules
COPY --from=build /winnow/dist dist
COPY package.json LICENSE ./
# The store: a volume that only this user reads.
RUN install -d -o node -g node -m 700 /var/lib/winnow
USER node
VOLUME /var/lib/winnow
ENV WINNOW_STORE=/var/lib/winnow/winnow.db WINNOW_HTTP_HOST=0.0.0.0
# One thread does the work; an arena for each of V8's helpers holds on to memory for nothing.
ENV MALLOC_ARENA_MAX=1
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run"]
