using System.Net;
using System.Net.Sockets;
using Aegis.Core.Deployments;
using Aegis.Engine.Deployments;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aegis.Server.Deployments;

// A deployment's own port, on loopback alone: whoever wants it in public puts a proxy with certificates
// before it. One Kestrel for each, because its addresses are fixed when it starts. Rejected: a path of the
// server's own doors (a stranger's pages would then be of the same origin as the product's), and a relay of
// bytes (it cannot tell requests apart, so that one on its way could not stay with the old version).

/// <summary>The reverse proxies of a server's deployments.</summary>
public sealed class DeploymentFronts(ILoggerFactory loggers) : IDeploymentFronts
{
    /// <summary>Bytes of one request to a deployment.</summary>
    public const long RequestBytesMax = 256L << 20;

    /// <summary>Connections to one deployment at a time.</summary>
    public const int ConnectionsMax = 1_000;

    public async ValueTask<IAsyncDisposable?> OpenAsync(
        int port, DeploymentRoutes routes, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        var app = builder.Build();
        app.Run(http => AnswerAsync(http, routes));
        try
        {
            await app.StartAsync(cancel);
            return new Front(app);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException
            or SocketException)
        {
            await app.DisposeAsync();
            return null;
        }
    }

    private static async Task AnswerAsync(HttpContext http, DeploymentRoutes routes)
    {
        using var hold = routes.Find(http.Request.Path.Value ?? "/");
        if (hold is null)
        {
            http.Response.StatusCode = routes.IsServing ? StatusCodes.Status404NotFound
                : StatusCodes.Status503ServiceUnavailable;
            return;
        }
        if (hold.Service.IsStatic)
        {
            await StaticFiles.AnswerAsync(http, hold.Folder, hold.Path);
            return;
        }
        await new Forwarding(http, hold).RunAsync();
    }

    private sealed class Front(WebApplication app) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using var limit = new CancellationTokenSource(DeploymentLimits.DrainMax);
            await app.StopAsync(limit.Token);
            await app.DisposeAsync();
        }
    }
}
