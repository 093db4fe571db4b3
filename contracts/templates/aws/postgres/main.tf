# PostgreSQL in private subnets: encrypted, TLS alone, its password made and kept by Secrets Manager.
terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }
}

variable "name" {
  type        = string
  description = "Of everything that is made; lower-case letters, digits and -."
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "vpc_id" {
  type        = string
  description = "As the container template puts it out."
}

variable "private_subnet_ids" {
  type        = list(string)
  description = "At least two, in two zones."
}

variable "client_security_group_ids" {
  type        = list(string)
  description = "Who may connect."
}

variable "instance_class" {
  type    = string
  default = "db.t4g.small"
}

locals {
  tags = {
    project    = var.name
    managed_by = "aegis"
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = local.tags
  }
}

resource "aws_kms_key" "data" {
  description         = "${var.name}: database"
  enable_key_rotation = true
  tags                = local.tags
}

resource "aws_db_subnet_group" "main" {
  name_prefix = "${var.name}-"
  subnet_ids  = var.private_subnet_ids
  tags        = local.tags
}

resource "aws_security_group" "database" {
  name_prefix = "${var.name}-db-"
  description = "PostgreSQL from its clients alone"
  vpc_id      = var.vpc_id
  tags        = local.tags
  ingress {
    description     = "Clients"
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = var.client_security_group_ids
  }
}

resource "aws_db_parameter_group" "main" {
  name_prefix = "${var.name}-"
  family      = "postgres16"
  tags        = local.tags
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_connections"
    value = "1"
  }
}

resource "aws_db_instance" "main" {
  identifier_prefix                   = "${var.name}-"
  engine                              = "postgres"
  engine_version                      = "16"
  instance_class                      = var.instance_class
  allocated_storage                   = 20
  max_allocated_storage               = 100
  storage_type                        = "gp3"
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.data.arn
  db_name                             = "app"
  username                            = "app_owner"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.data.key_id
  iam_database_authentication_enabled = true
  multi_az                            = true
  publicly_accessible                 = false
  db_subnet_group_name                = aws_db_subnet_group.main.name
  parameter_group_name                = aws_db_parameter_group.main.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  backup_retention_period             = 14
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  auto_minor_version_upgrade          = true
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.data.arn
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  final_snapshot_identifier           = "${var.name}-final"
  tags                                = local.tags
}

output "address" {
  value = aws_db_instance.main.address
}

output "secret_arn" {
  description = "Where the password is; give it to the container template in secret_arns."
  value       = aws_db_instance.main.master_user_secret[0].secret_arn
}
