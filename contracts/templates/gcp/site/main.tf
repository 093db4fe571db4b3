# A static site: a private bucket, read by a small web server that the CDN asks. deploy.static publishes into it by the
# S3 interface (endpoint https://storage.googleapis.com, the HMAC key of the account that is made here).
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
  description = "Of everything that is made; lower-case letters, digits and -, at most 22."
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
  description = "The site's host name; its A record names the address that is put out."
}

variable "image" {
  type        = string
  default     = "nginxinc/nginx-unprivileged:1.27-alpine"
  description = "A web server that serves /usr/share/nginx/html on port 8080; best with its digest."
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

resource "google_storage_bucket" "site" {
  name                        = "${var.project}-${var.name}-site"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.labels
  versioning {
    enabled = true
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }
}

resource "google_service_account" "server" {
  account_id   = "${var.name}-site"
  display_name = "${var.name}: reads the site"
}

resource "google_storage_bucket_iam_member" "server" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.server.member
}

# whose HMAC key deploy.static signs with; make the key by hand, so that it is in no state
resource "google_service_account" "deploy" {
  account_id   = "${var.name}-deploy"
  display_name = "${var.name}: publishes the site"
}

resource "google_storage_bucket_iam_member" "deploy" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.deploy.member
}

resource "google_cloud_run_v2_service" "site" {
  name                = "${var.name}-site"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  deletion_protection = true
  labels              = local.labels
  depends_on          = [google_storage_bucket_iam_member.server]

  template {
    service_account       = google_service_account.server.email
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
    scaling {
      min_instance_count = 0
      max_instance_count = 4
    }
    volumes {
      name = "site"
      gcs {
        bucket    = google_storage_bucket.site.name
        read_only = true
      }
    }
    containers {
      image = var.image
      ports {
        container_port = 8080
      }
      volume_mounts {
        name       = "site"
        mount_path = "/usr/share/nginx/html"
      }
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "balancer" {
  name     = google_cloud_run_v2_service.site.name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# releases that are kept to go back to are nobody's to read
resource "google_compute_security_policy" "site" {
  name = "${var.name}-site"
  rule {
    action   = "deny(404)"
    priority = 1000
    match {
      expr {
        expression = "request.path.contains('/.aegis/')"
      }
    }
  }
  rule {
    action   = "allow"
    priority = 2147483647
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_region_network_endpoint_group" "site" {
  name                  = "${var.name}-site"
  region                = var.region
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = google_cloud_run_v2_service.site.name
  }
}

resource "google_compute_backend_service" "site" {
  name                    = "${var.name}-site"
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  enable_cdn              = true
  security_policy         = google_compute_security_policy.site.id
  custom_response_headers = ["Strict-Transport-Security: max-age=31536000; includeSubDomains"]
  backend {
    group = google_compute_region_network_endpoint_group.site.id
  }
  cdn_policy {
    cache_mode  = "CACHE_ALL_STATIC"
    default_ttl = 300
    client_ttl  = 300
    max_ttl     = 3600
    cache_key_policy {
      include_host         = true
      include_protocol     = true
      include_query_string = false
    }
  }
}

resource "google_compute_global_address" "site" {
  name   = "${var.name}-site"
  labels = local.labels
}

resource "google_compute_managed_ssl_certificate" "site" {
  name = "${var.name}-site"
  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "site" {
  name            = "${var.name}-site"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_url_map" "site" {
  name            = "${var.name}-site"
  default_service = google_compute_backend_service.site.id
}

resource "google_compute_target_https_proxy" "site" {
  name             = "${var.name}-site"
  url_map          = google_compute_url_map.site.id
  ssl_certificates = [google_compute_managed_ssl_certificate.site.id]
  ssl_policy       = google_compute_ssl_policy.site.id
}

resource "google_compute_global_forwarding_rule" "site" {
  name                  = "${var.name}-site"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.site.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.site.id
  labels                = local.labels
}

output "bucket" {
  value = google_storage_bucket.site.name
}

output "address" {
  description = "What the domain's A record names."
  value       = google_compute_global_address.site.address
}

output "deploy_account" {
  description = "Make its HMAC key: gcloud storage hmac create."
  value       = google_service_account.deploy.email
}
