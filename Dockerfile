# One image for every service of docker-compose.yml: migrate, api and worker differ in their command.

FROM node:24-slim AS portal
# The portal's operations are generated from the schema beside it.
COPY schema/schema.graphql /schema/
WORKDIR /portal
COPY portal/package.json portal/package-lock.json portal/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY portal/ ./
RUN npm run build

FROM python:3.13-slim
WORKDIR /recalls
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY core/ core/
COPY db/ db/
COPY rowql/ rowql/
COPY schema/ schema/
COPY workers/ workers/
COPY api/ api/
COPY --from=portal /portal/dist portal/dist
# Compiled here, because the process can't write: it runs as a user that owns nothing. Python's own
# library too, which comes to the image uncompiled, or each start would compile what it imports.
RUN python -m compileall -q "$(python -c 'import os; print(os.path.dirname(os.__file__))')" \
  core db rowql schema workers api
USER 10001:10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["python", "-m", "api", "serve"]
