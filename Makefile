# The few commands everyone types; what they say is in French, like the site. Paths stay relative:
# the checkout may stand in a folder with spaces, which make cannot name.

HOST ?= 127.0.0.1
PORT ?= 8000

PYTHON = .venv/bin/python
MANAGE = DEBUG=1 $(PYTHON) manage.py
LOCK = requirements-dev.lock
# The first Python on this machine that is recent enough; nothing if there is none.
FIND_PYTHON = for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && \
	echo $$python && break; done

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test lint format shell db reset bench messages lock install port

help: ## la liste de ces verbes
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

run: port install ## installe ce qui manque, puis sert le site de démonstration (PORT=8000 HOST=127.0.0.1)
	@exec env PYTHONUNBUFFERED=1 DEBUG=1 DEMONSTRATION=1 $(PYTHON) manage.py run "$(HOST):$(PORT)"

test: install ## lance tous les essais, navigateur compris (ARGS="-k mot" pour quelques-uns)
	@$(PYTHON) -m aqoci.machine chromium
	@$(PYTHON) -m aqoci.machine gettext || true
	$(PYTHON) -m pytest -n 2 --dist worksteal $(ARGS)

lint: install ## vérifie le style, les réglages et les migrations
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	@echo "manage.py check --deploy"
	@DATABASE_URL="$${DATABASE_URL:-$$($(PYTHON) -m aqoci.database start)}" && export DATABASE_URL && \
	DEBUG=0 ALLOWED_HOSTS=example.org SITE_URL=https://example.org EMAIL_URL=consolemail:// \
	SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	$(PYTHON) manage.py check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run

format: install ## met le code en ordre
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

shell: install ## Python, les modèles sous la main
	@$(MANAGE) shell

db: install ## psql sur la base de données
	@PATH="$$($(PYTHON) -m aqoci.database bin):$$PATH" $(MANAGE) dbshell

reset: install ## efface la base de développement, après une question (YES=1 : sans)
	@if [ "$(YES)" != 1 ]; then \
		printf 'Effacer toute la base de développement de ce dossier? [oui/non] '; \
		read -r answer; case "$$answer" in o|oui|y|yes) ;; *) echo 'Rien n’est effacé.'; exit 0 ;; esac; \
	fi; $(PYTHON) -m aqoci.database reset

bench: install ## mesure les pages à plusieurs tailles (ARGS="--only workshop" : celles de l’équipe)
	@$(PYTHON) -m tests.bench $(ARGS)

messages: install ## recueille les textes à traduire, puis compile le français
	@$(PYTHON) -m aqoci.machine gettext
	$(MANAGE) makemessages --locale fr --no-location --no-wrap --no-obsolete --ignore 'tests/*'
	@# The date would change the file at each run.
	@cd aqoci/locale/fr/LC_MESSAGES && grep -v '^"POT-Creation-Date' django.po >django.new && \
	mv django.new django.po
	$(MANAGE) compilemessages --locale fr --ignore .venv

lock: install ## fixe les dépendances de pyproject.toml (ARGS=--upgrade : les plus récentes)
	$(PYTHON) -m uv pip compile $(COMPILE) --output-file requirements.lock $(ARGS)
	$(PYTHON) -m uv pip compile $(COMPILE) --group dev --constraint requirements.lock \
		--output-file $(LOCK) $(ARGS)

# For every platform, by hash alone: neither file names where packages come from.
COMPILE = pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

# Nothing is installed while the port is taken.
port:
	$(call stop_if,$(shell if [ -x $(PYTHON) ]; then python=$(PYTHON); else python=python3; fi; \
		$$python -m aqoci.machine port '$(HOST)' '$(PORT)'))

stop_if = $(if $(1),$(error $(1)))

# The environment follows the lock file: a copy of the one installed is kept inside.
install:
	@if ! cmp -s $(LOCK) .venv/installed.lock || ! $(PYTHON) -c '' 2>/dev/null; then \
		if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
			python="$$($(FIND_PYTHON))"; \
			if [ -z "$$python" ]; then \
				echo "Il faut Python 3.11 ou plus récent; ici : $$(python3 --version 2>&1)." >&2; \
				exit 1; \
			fi; \
			echo "Création de l’environnement .venv ($$($$python --version))…"; \
			if ! said="$$($$python -m venv --clear .venv 2>&1)"; then \
				echo "$$said" >&2; \
				echo "L’environnement .venv n’a pas pu être créé. Sous Debian ou Ubuntu, il faut peut-être : apt install python3-venv" >&2; \
				exit 1; \
			fi; \
		fi; \
		echo "Installation des dépendances ($(LOCK))… La première fois, une minute environ."; \
		if ! $(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r $(LOCK); then \
			echo "L’installation a échoué : voyez les lignes ci-dessus (réseau, ou système sans paquet tout fait)." >&2; \
			exit 1; \
		fi; \
		cp $(LOCK) .venv/installed.lock; \
	fi
