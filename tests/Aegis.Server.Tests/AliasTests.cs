using System.Net;
using Aegis.Server.Aliases;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>The documents' addresses answer as the canonical ones do.</summary>
[Collection(ServerGroup.Name)]
public sealed class AliasTests(ServerFixture server)
{
    private const string Plan = """{"workflow":"name: a\nsteps: []"}""";

    [Fact]
    public async Task Aliases_AnswerAsTheirCanonicalDoors()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        await server.Seed.SpawnAsync(server.AcmeKeys, run + "s");
        await server.Server.Parts.Workflows.PutAsync(server.AcmeKeys,
            new Ledger.Triggers.NewWorkflow("own", "plan_own", "h", "key:a", [],
                [new Core.Plans.Triggers.ApiTrigger()], null, null), default);
        var tried = 0;
        foreach (var door in Doors())
        {
            var alias = DoorInventoryTests.Filled(door.RoutePattern.RawText!, run: run);
            var canonical = DoorInventoryTests.Filled(
                door.Metadata.GetMetadata<AliasOf>()!.Canonical, run: run);
            var method = door.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();
            var body = method == "POST" ? Plan : null;
            foreach (var key in new[] { server.AcmeKey, server.RivalKey, null })
            {
                var one = await server.SendAsync(method, alias, key, body);
                var two = await server.SendAsync(method, canonical, key, body);
                Assert.Equal((two.Status, two.Body.GetRawText()), (one.Status, one.Body.GetRawText()));
                tried += one.Status < HttpStatusCode.BadRequest ? 1 : 0;
            }
        }
        // own things are found and made; a stranger finds his empty lists and makes his own
        Assert.Equal(13, tried);
    }

    [Fact]
    public void Aliases_AskForTheSameScopes_AndStandInTheDocs()
    {
        var docs = Docs.Text("docs.api.md");
        var all = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>().ToList();
        foreach (var door in Doors())
        {
            var canonical = door.Metadata.GetMetadata<AliasOf>()!.Canonical;
            var method = door.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();
            var same = all.Single(d => d.RoutePattern.RawText == canonical
                && d.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(method));
            Assert.Equal(same.Metadata.GetMetadata<ScopeRequirement>(),
                door.Metadata.GetMetadata<ScopeRequirement>());
            Assert.Contains($"| `{method} {door.RoutePattern.RawText}` |", docs, StringComparison.Ordinal);
        }
    }

    private IEnumerable<RouteEndpoint> Doors()
    {
        var doors = server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(d => d.Metadata.GetMetadata<AliasOf>() is not null).ToList();
        Assert.Equal(11, doors.Count);
        return doors;
    }
}
