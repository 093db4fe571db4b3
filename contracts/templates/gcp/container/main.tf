# A container on Cloud Run behind a load balancer with TLS; nothing reaches it but through that.
terraform {
  required_version = ">= 1.6"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.12"
    }
  }
}

variable "name" {
  type        = string
  description = "Of everything that is made; lower-case letters, digits and -, at most 24."
}

variable "project" {
  type        = string
  description = "The Google Cloud project."
}

variable "region" {
  type    = string
  default = "europe-west3"
}

variable "domain" {
  type        = string
  description = "The service's host name; its A record names the address that is put out."
}

variable "image" {
  type        = string
  description = "With its digest: registry/name@sha256:…"
}

variable "port" {
  type    = number
  default = 8080
}

variable "health_path" {
  type    = string
  default = "/health"
}

variable "secrets" {
  type        = map(string)
  default     = {}
  description = "Variables of the container, each with the id of a secret in Secret Manager."
}

locals {
  labels = {
    project    = var.name
    managed_by = "aegis"
  }
}

provider "google" {
  project        = var.project
  region         = var.region
  default_labels = local.labels
}

# may do nothing but read its own secrets
resource "google_service_account" "service" {
  account_id   = "${var.name}-app"
  display_name = "${var.name}: the service"
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each  = var.secrets
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}

resource "google_cloud_run_v2_service" "main" {
  name                = var.name
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  deletion_protection = true
  labels              = local.labels
  depends_on          = [google_secret_manager_secret_iam_member.service]

  template {
    service_account       = google_service_account.service.email
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
    scaling {
      min_instance_count = 1
      max_instance_count = 10
    }
    containers {
      image = var.image
      ports {
        container_port = var.port
      }
      resources {
        limits = {
          cpu    = "1"
          memory = "512Mi"
        }
      }
      startup_probe {
        http_get {
          path = var.health_path
        }
      }
      liveness_probe {
        http_get {
          path = var.health_path
        }
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }
    }
  }
}

# the load balancer is the only way in; who passes it is the program's matter
resource "google_cloud_run_v2_service_iam_member" "balancer" {
  name     = google_cloud_run_v2_service.main.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_compute_region_network_endpoint_group" "service" {
  name                  = var.name
  region                = var.region
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = google_cloud_run_v2_service.main.name
  }
}

resource "google_compute_backend_service" "main" {
  name                  = var.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  backend {
    group = google_compute_region_network_endpoint_group.service.id
  }
  log_config {
    enable = true
  }
}

resource "google_compute_global_address" "main" {
  name   = var.name
  labels = local.labels
}

resource "google_compute_managed_ssl_certificate" "main" {
  name = var.name
  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "main" {
  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_url_map" "https" {
  name            = var.name
  default_service = google_compute_backend_service.main.id
}

resource "google_compute_target_https_proxy" "main" {
  name             = var.name
  url_map          = google_compute_url_map.https.id
  ssl_certificates = [google_compute_managed_ssl_certificate.main.id]
  ssl_policy       = google_compute_ssl_policy.main.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = var.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.main.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.main.id
  labels                = local.labels
}

resource "google_compute_url_map" "http" {
  name = "${var.name}-http"
  default_url_redirect {
    https_redirect = true
    strip_query    = false
  }
}

resource "google_compute_target_http_proxy" "main" {
  name    = var.name
  url_map = google_compute_url_map.http.id
}

resource "google_compute_global_forwarding_rule" "http" {
  name                  = "${var.name}-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.main.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.main.id
  labels                = local.labels
}

output "address" {
  description = "What the domain's A record names."
  value       = google_compute_global_address.main.address
}

output "service_account" {
  description = "What a database lets in."
  value       = google_service_account.service.email
}
