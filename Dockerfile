# Two stages: "tools" is what the course is set up with (see .devcontainer), the last one is the course, ready to run.
#   docker build -t vanishing-gradients .
#   docker run --rm -p 127.0.0.1:8888:8888 vanishing-gradients
# Binder and JupyterHub (see deploy) start the same image.
FROM node:22-bookworm AS tools
# hadolint ignore=DL3008 # a release of Debian has one version of a package
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap python3-venv \
    && rm -rf /var/lib/apt/lists/*

FROM tools
# Binder and JupyterHub run it as this user, who has the number 1000.
ENV NB_USER=node NB_UID=1000 HOME=/home/node
USER 1000
RUN mkdir /home/node/course
WORKDIR /home/node/course
COPY --chown=node package.json package-lock.json .npmrc tsconfig.json requirements.txt constraints.txt pyproject.toml ./
COPY --chown=node src ./src
# The hub's own version has to fit that of the server it talks to.
ARG JUPYTERHUB=5.5.0
RUN npm run setup \
    && .venv/bin/python -m pip install --no-cache-dir "jupyterhub==${JUPYTERHUB}" ngshare_exchange==0.5.3 \
    && npm cache clean --force
COPY --chown=node . .
RUN npm run setup
# JupyterHub looks for its server here.
ENV PATH=/home/node/course/.venv/bin:$PATH
EXPOSE 8888
CMD ["npm", "start", "--", "--no-browser", "--ServerApp.ip=0.0.0.0"]
