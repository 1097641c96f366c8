# One image for web, workers, beat and setup; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/srv/data

RUN useradd --system --user-group --create-home --home-dir /srv/data --shell /bin/false connected
WORKDIR /srv/connected

COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
RUN python -m compileall -q connected assessments matrix

USER connected
# A volume mounted here takes over the owner it finds.
RUN mkdir /srv/data/media
# Hashed and compressed once, here. The settings of production want the rest at run time.
RUN CONNECTED_ENV=production SECRET_KEY=only-while-building ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --no-input

EXPOSE 8000
CMD ["gunicorn", "--bind=0.0.0.0:8000", "connected.wsgi:application"]
