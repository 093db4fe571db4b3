using System.Net;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Deployments;

/// <summary>A deployment that another server of the same ledger made: it is seen here, and steered
/// there.</summary>
[Collection(ServerGroup.Name)]
public sealed class ForeignHomeTests(ServerFixture server)
{
    [Fact]
    public async Task Deployment_OfAnotherServer_IsShownAndNotSteered()
    {
        await server.ServeSiteAsync();
        await server.Ledger.ExecuteAsync("""
            INSERT INTO deployments VALUES ($1, $2, 'afar', 'elsewhere', NULL, 'stopped', 'stopped', NULL,
              NULL, NULL, 0, now())
            """, server.AcmeKeys.Tenant, server.AcmeKeys.Project);
        var (status, _) = await server.SendAsync("GET", "/v1/deployments/afar", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, status);
        foreach (var (method, act) in new[]
            { ("GET", "/log"), ("POST", ":rollback"), ("POST", ":stop"), ("POST", ":start") })
        {
            var (refused, problem) = await server.SendAsync(
                method, $"/v1/deployments/afar{act}", server.AcmeKey);
            Assert.Equal((act, HttpStatusCode.Conflict, "AEGIS2664"),
                (act, refused, ProblemReading.Code(problem)));
        }
        // the control: one of this server is steered here
        var (stopped, _) = await server.SendAsync(
            "POST", $"/v1/deployments/{DeploymentBench.Name}:stop", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, stopped);
    }
}
