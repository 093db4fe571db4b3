using System.Text.Json;
using Aegis.Client;
using Aegis.Durability.Cluster;
using Aegis.Durability.Judges;
using Aegis.Durability.Product;
using Aegis.Durability.Proxy;

namespace Aegis.Durability.Scenario;

/// <summary>Everything that a point plays on: a PostgreSQL, the proxy before it, the server, the model, and
/// the eyes that judge.</summary>
internal sealed class Theatre : IAsyncDisposable
{
    public const string RepositoryName = "counted";
    private const string FirstHome = "home";
    private AegisClient? client;

    private Theatre(string root, string serverAssembly, string binaries)
    {
        Root = root;
        Shared = Directory.CreateDirectory(Path.Combine(root, "shared")).FullName;
        // tasks run as another uid; what the package cache's folder must hold for a sandbox to start programs
        // in
        File.SetUnixFileMode(root, (UnixFileMode)0x1ED);
        File.WriteAllText(Path.Combine(Shared, "offline.cjs"), "");
        File.WriteAllText(Path.Combine(Shared, "npmrc"), "offline=true\n");
        Cluster = new PrivateCluster(root, binaries);
        ServerAssembly = serverAssembly;
        Ledger = new LedgerReading(Cluster.SocketDirectory);
        Proxy = new PostgresProxy(Path.Combine(root, "px"), Cluster.SocketDirectory);
        Server = NewServer(FirstHome);
        Model = new ModelServer();
    }

    public string Root { get; }

    public string Shared { get; }

    public string ServerAssembly { get; }

    public PrivateCluster Cluster { get; }

    public PostgresProxy Proxy { get; }

    public ServerProcess Server { get; }

    public ModelServer Model { get; }

    public LedgerReading Ledger { get; }

    /// <summary>The workflow that is struck: the harness's own, or a file.</summary>
    public string Scenario { get; init; } = "scenario.yaml";

    public RepositoryReading? Repository { get; private set; }

    public string Home => Server.Spec.Home;

    public AegisClient Client =>
        client ?? throw new InvalidOperationException("the server was never started");

    /// <summary>The workflow's text; file names are relative to the harness.</summary>
    public static string Workflow(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scenario", name));

    public static async Task<Theatre> OpenAsync(string root, string serverAssembly, string binaries,
        string? scenario)
    {
        var theatre = new Theatre(root, serverAssembly, binaries) { Scenario = scenario ?? "scenario.yaml" };
        try
        {
            await theatre.Cluster.CreateAsync();
            await theatre.StartServerAsync();
            await theatre.Client.SetProfileAsync(new SetProfile(theatre.Model.Profile,
                new Dictionary<string, string>()));
            return theatre;
        }
        catch
        {
            await theatre.DisposeAsync();
            throw;
        }
    }

    public ServerProcess NewServer(string home) => new(new ServerSpec(ServerAssembly,
        Path.Combine(Root, home), $"host={Proxy.Directory} dbname=aegis user=postgres", Shared,
        home == FirstHome ? null : Path.Combine(Root, FirstHome, "secrets.key")));

    public async Task StartServerAsync()
    {
        await Server.StartAsync();
        client?.Dispose();
        client = Connect(Server);
    }

    /// <summary>Everything is up, whatever an earlier point left.</summary>
    public async Task MendAsync()
    {
        Proxy.Disarm();
        if (!Cluster.Runs)
        {
            await Cluster.StartAsync();
        }
        Server.Signal(Posix.Continue);
        if (!Server.Runs)
        {
            await StartServerAsync();
        }
    }

    /// <summary>Leaves no process behind when the harness itself is told to end.</summary>
    public void Abandon()
    {
        Server.Signal(Posix.Kill);
        Cluster.Abandon();
    }

    /// <param name="project">Another one of the same tenant.</param>
    public AegisClient Connect(ServerProcess server, string? project = null)
    {
        // another server of the same ledger takes the same key
        var (key, tenant, first) = Server.AdminKey();
        return new AegisClient(server.Url.ToString(), key, tenant, project ?? first);
    }

    /// <summary>Puts the sample repository on the local forge, by git over HTTP as anyone would.</summary>
    public async Task ImportRepositoryAsync()
    {
        var made = await Client.CreateRepositoryAsync(RepositoryName);
        var work = Path.Combine(Root, "import");
        CopyTree(Path.Combine(AppContext.BaseDirectory, "Scenario", "repository"), work);
        var (key, _, _) = Server.AdminKey();
        await GitAsync("init", "-q", "-b", "main", work);
        await GitAsync("-C", work, "add", "-A");
        await GitAsync("-C", work, "-c", "user.name=harness", "-c", "user.email=harness@localhost", "commit",
            "-q",
            "-m", "begin");
        await GitAsync("-C", work, "-c", $"http.extraHeader=Authorization: Bearer {key}", "push", "-q",
            made.CloneUrl, "main");
        var bare = Directory.GetDirectories(Home, RepositoryName + ".git", SearchOption.AllDirectories);
        Repository = new RepositoryReading(bare.Single());
    }

    public StartRun Order(string workflow, string mark) => new()
    {
        Workflow = Workflow(workflow),
        FileName = workflow,
        Inputs = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["mark"] = mark }),
        Repository = workflow == "chain.yaml" || Repository is null ? null : RepositoryName,
    };

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        await Server.DisposeAsync();
        await Model.DisposeAsync();
        await Proxy.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    private static Task<string> GitAsync(params string[] arguments) => Command.RunAsync("git", arguments,
        new Dictionary<string, string> { ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_NOSYSTEM"] = "1" });

    private static void CopyTree(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            if (file.EndsWith(".sh", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(target, (UnixFileMode)0x1ED);
            }
        }
    }
}
