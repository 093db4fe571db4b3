using System.Collections.Immutable;
using System.Net;
using Aegis.Discovery.Store;
using Aegis.Gate;
using Aegis.Ledger;
using Aegis.Ledger.Secrets;

namespace Aegis.Server.Configuration;

/// <summary>The server's whole configuration, read once from the environment.</summary>
public sealed record ServerOptions
{
    [Variable("AEGIS_HOME", "~/.local/share/aegis (user aegis: /var/lib/aegis)",
        "Folder of all data: the embedded PostgreSQL, blobs, repositories, the first key.")]
    public required string Home { get; init; }

    [Variable("AEGIS_BIND", "127.0.0.1",
        "IP address to listen on. Plain HTTP: put TLS in front of any other.")]
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    [Variable("AEGIS_PORT", "4000", "Port to listen on; 0 takes a free one (see server.json).")]
    public int Port { get; init; } = 4000;

    [Variable("AEGIS_POSTGRES", "(embedded)",
        "Connection string or postgres:// URL of an external PostgreSQL 15 or newer.",
        Alias = "POSTGRES_URL")]
    public string? Postgres { get; init; }

    [Variable("AEGIS_LOG_LEVEL", "info", "trace, debug, info, warning or error.",
        Alias = "CHISPART_LOG_LEVEL")]
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    [Variable("AEGIS_STOP_TIMEOUT", "20s",
        "How long a stop waits for open requests and running tasks before it ends them; 1s to 10m.")]
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    [Variable("AEGIS_PG_BIN", "(the newest installed, 15 or later)",
        "Folder of postgres and initdb for the embedded PostgreSQL.")]
    public string? PostgresBin { get; init; }

    /// <summary>What the ledger needs of these.</summary>
    public LedgerOptions Ledger => new()
    {
        HomeDirectory = Home,
        ExternalUrl = Postgres,
        BinDirectory = PostgresBin,
    };

    [Variable("AEGIS_NPM_CACHE", "(none)",
        "Folder made by set-up that every sandbox sees read-only, so that npm ci works without a network.")]
    public string? NpmCache { get; init; }

    [Variable("AEGIS_NUGET_PACKAGES", "(none)",
        "Folder filled by `dotnet restore --packages` that every sandbox sees read-only, for dotnet test.")]
    public string? NugetPackages { get; init; }

    [Variable("AEGIS_SCANNERS", "(none)",
        "Folder of scanners (semgrep, trivy, gitleaks, hadolint) that every sandbox sees, for qa.review.")]
    public string? Scanners { get; init; }

    [Variable("AEGIS_STACK_PROGRAMS", "(none)",
        "Folder of tofu, terraform or pulumi that every sandbox sees, where they are not below /usr.")]
    public string? StackPrograms { get; init; }

    [Variable("AEGIS_MASTER_KEY_FILE", "(secrets.key in the home)",
        "File of the key that secrets are sealed with: 32 bytes, or the same in hex or base64.")]
    public string? MasterKeyFile { get; init; }

    [Variable("AEGIS_MASTER_PASSPHRASE_FILE", "(none)",
        "File of a passphrase of 12 to 1,024 bytes that becomes that key through Argon2id.")]
    public string? MasterPassphraseFile { get; init; }

    [Variable("AEGIS_PREVIOUS_MASTER_KEY_FILE", "(none)",
        "File of the master key that the ledger still has: the start changes it to the one above.")]
    public string? PreviousMasterKeyFile { get; init; }

    [Variable("AEGIS_PREVIOUS_MASTER_PASSPHRASE_FILE", "(none)",
        "File of the passphrase that the ledger still has, to the same end.")]
    public string? PreviousMasterPassphraseFile { get; init; }

    /// <summary>Where the secrets' master key comes from.</summary>
    public MasterKeySource MasterKey => new(Home, MasterKeyFile, MasterPassphraseFile);

    /// <summary>Where the one before it comes from; null where it was not changed.</summary>
    public MasterKeySource? PreviousMasterKey =>
        PreviousMasterKeyFile is null && PreviousMasterPassphraseFile is null ? null
            : new(Home, PreviousMasterKeyFile, PreviousMasterPassphraseFile);

    [Variable("AEGIS_WEBHOOK_PRIVATE_HOSTS", "(none)",
        "host:port, host:port: receivers of webhooks that may be private or without TLS.")]
    public ImmutableArray<string> WebhookPrivateHosts { get; init; } = [];

    [Variable("AEGIS_ALLOWED_ORIGINS", "(the server's own)",
        "https://host, https://host: other web pages that may open WebSockets here.")]
    public ImmutableArray<string> AllowedOrigins { get; init; } = [];

    [Variable("AEGIS_EGRESS_CA_FILE", "(none)",
        "File of PEM certificates that the egress proxy trusts beside the system's, where it speaks TLS.")]
    public string? EgressCaFile { get; init; }

    [Variable("AEGIS_EGRESS_PRIVATE_HOSTS", "(none)",
        "host:port, host:port: private hosts that a sandbox may reach where egress_allow names them.")]
    public ImmutableArray<string> EgressPrivateHosts { get; init; } = [];

    [Variable("AEGIS_SANDBOX_WALLS", "(none)",
        "memory, io, apparmor, uid: walls without which no command that asks for them is started.")]
    public ImmutableArray<string> SandboxWalls { get; init; } = [];

    [Variable("AEGIS_FORGE_PRIVATE_HOSTS", "(none)",
        "host:port, host:port: outside forges that may be private or without TLS.")]
    public ImmutableArray<string> ForgePrivateHosts { get; init; } = [];

    [Variable("AEGIS_MCP_PRIVATE_HOSTS", "(none)",
        "host:port, host:port: outside MCP servers that may be private or without TLS.")]
    public ImmutableArray<string> McpPrivateHosts { get; init; } = [];

    [Variable("AEGIS_MCP_SERVERS", "(none)",
        "Folder of installed MCP servers; the sandbox of one that a profile starts shows it at /mcp.")]
    public string? McpServers { get; init; }

    [Variable("AEGIS_MODEL_HUB", "https://huggingface.co",
        "Where models are searched for and loaded from: https, or http on this machine.")]
    public Uri ModelHub { get; init; } = ModelHubOptions.Public;

    [Variable("AEGIS_MODELS_KEPT", "20", "Models that the store in the home keeps; 1 to 1000.")]
    public int ModelsKept { get; init; } = ModelStoreOptions.KeptMax;

    [Variable("AEGIS_MODELS_BYTES", "4000000000", "Bytes that they take together.")]
    public long ModelsBytes { get; init; } = ModelStoreOptions.KeptBytesMax;

    [Variable("AEGIS_MODEL_PORTS", "(where each listens by default)",
        "ollama:11435, vllm:8001: ports of loopback on which discovery asks for servers of models.")]
    public ImmutableArray<(string Server, int Port)> ModelPorts { get; init; } = [];

    [Variable("AEGIS_GITHUB_TOKEN_PROJECTS", "(none)",
        "tenant/project, tenant/project: who may use the server's GITHUB_TOKEN for its forge.")]
    public ImmutableArray<string> GitHubTokenProjects { get; init; } = [];

    [Variable("AEGIS_GITHUB_URL", "https://api.github.com",
        "The one REST address that GITHUB_TOKEN is sent to.")]
    public Uri GitHubUrl { get; init; } = ForgeRules.GitHub;

    [Variable("AEGIS_ALLOWLIST", "(the list that the release ships)",
        "allowlist.json: the tiers with their commands and quotas. Read again when it changes.",
        Alias = "CHISPART_ALLOWLIST")]
    public string? Allowlist { get; init; }

    [Variable("AEGIS_MODELS", "(the catalogue that the release ships)",
        "models.yaml: providers and models over those that ship. Read again when it changes.")]
    public string? Models { get; init; }

    [Variable("AEGIS_LOCAL_MODEL_HOSTS", "(none)",
        "host:port, host:port: model servers on other machines that count as local, beside this one.")]
    public ImmutableArray<string> LocalModelHosts { get; init; } = [];

    [Variable("AEGIS_CHAT_PER_MINUTE", "5",
        "Messages of the chat that one address may send a minute, before identity; 1 to 100000.")]
    public int ChatPerMinute { get; init; } = 5;

    [Variable("AEGIS_TRUSTED_PROXIES", "(none)",
        "address, address/bits: proxies whose X-Forwarded-For says where a request comes from.")]
    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];

    public string AdminKeyFile => Path.Combine(Home, "admin-key.json");

    public string ServerFile => Path.Combine(Home, "server.json");
}
