using System.Net.Sockets;
using System.Text;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Redaction;
using Aegis.Ledger.Secrets;
using Aegis.Sandbox;
using Aegis.Sandbox.Ingress;

namespace Aegis.Engine.Deployments;

/// <summary>One life of a program behind an address: in a sandbox of its own over the sealed tree, with no
/// way out. The server reaches its port; nobody else does.</summary>
internal sealed class ServiceInstance : IAsyncDisposable
{
    /// <summary>The port that every program is told; each has a loopback of its own.</summary>
    public const int Port = 8_080;

    private static readonly TimeSpan HealthTimeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CpuTimeMax = TimeSpan.FromDays(365);
    private static readonly TimeSpan LifeMax = TimeSpan.FromDays(7);

    // shorter than what servers keep an idle connection for, node's five seconds among them
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource kill = new();
    private readonly TaskCompletionSource<SandboxEntrance> entrance =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ServicePlace place;

    private ServiceInstance(ServicePlace place)
    {
        this.place = place;
        Http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = IdleMax,
            ConnectCallback = async (_, cancel) => new NetworkStream(
                await (await entrance.Task.WaitAsync(cancel)).ConnectAsync(Port, cancel), ownsSocket: true),
        });
    }

    /// <summary>Sends requests to its port.</summary>
    public HttpMessageInvoker Http { get; }

    /// <summary>How it ended: an exit code, 128 + signal.</summary>
    public Task<int> Ended { get; private set; } = Task.FromResult(0);

    public static async Task<ServiceInstance> StartAsync(ServicePlace place, CancellationToken cancel)
    {
        var values = await SecretsAsync(place, cancel);
        var workspace = await place.Shelf.OpenAsync(place.Tenancy, place.Name, place.Release, cancel);
        var instance = new ServiceInstance(place);
        instance.Ended = instance.RunAsync(Spec(place, workspace, values), workspace,
            new Redactor([.. place.Parts.HostSecrets, .. values.Values.Distinct()]));
        return instance;
    }

    /// <summary>Whether it answers its health path with 200 to 399; what it did instead otherwise.</summary>
    public async Task<string?> AilingAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(HealthTimeMax);
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri($"http://localhost:{Port}{place.Service.HealthPath}"));
        try
        {
            using var answer = await Http.SendAsync(request, limit.Token);
            return (int)answer.StatusCode is >= 200 and < 400 ? null
                : $"{place.Service.HealthPath} answered {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"{place.Service.HealthPath} gave no answer in {HealthTimeMax.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException
            or AegisException)
        {
            return $"nothing listens on its port {Port}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await kill.CancelAsync();
        await Ended;
        Http.Dispose();
        if (entrance.Task.IsCompletedSuccessfully)
        {
            await (await entrance.Task).DisposeAsync();
        }
        kill.Dispose();
    }

    private async Task<int> RunAsync(SandboxSpec spec, AttemptWorkspace workspace, Redactor redactor)
    {
        var (stdout, stderr) = (new LogLines(place, redactor), new LogLines(place, redactor));
        try
        {
            var outcome = await place.Parts.Sandbox.RunAsync(spec, new SandboxIo(
                OnOutput: (channel, bytes) =>
                {
                    (channel == OutputChannel.Stdout ? stdout : stderr).Write(bytes.Span);
                    return ValueTask.CompletedTask;
                },
                OnStart: root => _ = EnterAsync(root)), kill.Token);
            return outcome.ExitCode ?? 128 + outcome.Signal!.Value;
        }
        catch (OperationCanceledException)
        {
            return 137;
        }
        catch (Exception e) when (e is AegisException or IOException or InvalidOperationException)
        {
            place.Log.Add(place.Service.Name, $"could not be started: {e.Message}");
            return 125;
        }
        finally
        {
            entrance.TrySetException(new IOException("it has ended"));
            stdout.End();
            stderr.End();
            await place.Shelf.DiscardAsync(place.Tenancy, workspace);
        }
    }

    private async Task EnterAsync(Processes.PidRecord root)
    {
        try
        {
            var opened = await place.Parts.Sandbox.EnterAsync(root, kill.Token);
            if (!entrance.TrySetResult(opened))
            {
                await opened.DisposeAsync();
            }
        }
        catch (Exception e)
        {
            entrance.TrySetException(e);
        }
        // read here, so that a program that nobody called leaves no unseen exception
        _ = entrance.Task.Exception;
    }

    private static SandboxSpec Spec(
        ServicePlace place, AttemptWorkspace workspace, Dictionary<string, string> secrets)
    {
        var service = place.Service;
        var env = service.Env.SetItems(secrets)
            .SetItem(service.PortVariable, $"{Port}").SetItem("DATA_DIR", SandboxSpec.DataPath)
            .SetItem("RELEASE_ID", place.Release.Id());
        return new SandboxSpec($"{place.Name}/{service.Name}", service.Start,
            service.Folder.Length == 0 ? "/work" : $"/work/{service.Folder}", env, workspace, [],
            SandboxLimits.Default with
            {
                MemoryBytesMax = (long)service.MemoryMb << 20,
                CpusMax = service.Cpus,
                CpuTimeMax = CpuTimeMax,
                WallTimeMax = LifeMax,
            })
        {
            DataFolder = place.Shelf.Data(place.Tenancy, place.Name),
            RequiredWalls = [.. place.Release.Walls],
        };
    }

    private static async Task<Dictionary<string, string>> SecretsAsync(
        ServicePlace place, CancellationToken cancel)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (variable, name) in place.Service.Secrets)
        {
            var use = new SecretUse($"deployment:{place.Name}", "deploy.process", null,
                place.Release.Id(), place.Service.Name);
            values[variable] = await place.Parts.Secret(
                new SecretAsk(place.Tenancy, name, use, null), cancel)
                    ?? throw DeploymentErrors.NoSecret(name);
        }
        return values;
    }

    /// <summary>Bytes of a channel as redacted lines.</summary>
    private sealed class LogLines
    {
        private const int LineBytesMax = 16 * 1024;
        private readonly ServicePlace place;
        private readonly RedactingWriter writer;
        private readonly MemoryStream line = new();

        public LogLines(ServicePlace place, Redactor redactor)
        {
            this.place = place;
            writer = new RedactingWriter(redactor, Take);
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            writer.Write(bytes);
            writer.Rest();
        }

        public void End()
        {
            writer.Flush();
            Flush();
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                if (b == '\n' || line.Length >= LineBytesMax)
                {
                    Flush();
                }
                if (b != '\n')
                {
                    line.WriteByte(b);
                }
            }
        }

        private void Flush()
        {
            if (line.Length > 0)
            {
                place.Log.Add(place.Service.Name,
                    Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
                line.SetLength(0);
            }
        }
    }
}

/// <summary>Where a program of a release runs.</summary>
internal sealed record ServicePlace(DeploymentParts Parts, ReleaseShelf Shelf, DeploymentLog Log,
    Tenancy Tenancy, string Name, ReleaseSpec Release, ServiceSpec Service);
