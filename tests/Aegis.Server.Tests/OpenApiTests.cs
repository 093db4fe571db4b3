using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Server.Aliases;
using Aegis.Server.Configuration;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.Server.Tests;

/// <summary>The document that describes the doors: there is one entry for each, a validator of other people
/// finds it well formed, and contracts/openapi.json is what the server serves.</summary>
[Collection(ServerGroup.Name)]
public sealed partial class OpenApiTests(ServerFixture server)
{
    [Fact]
    public void Doors_AreAllDescribed_HereOrElsewhere() =>
        Assert.Empty(server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<DescribedDoor>() is null
                == e.Metadata.GetMetadata<DescribedElsewhere>() is null)
            .Select(e => $"{e.RoutePattern.RawText}: add .Describe(…), see OpenApi/DoorDescription.cs"));

    [Fact]
    public void OperationIds_AreUniqueAndCamelCase()
    {
        var ids = server.Server.Endpoints.Endpoints.Where(e => e.Metadata.GetMetadata<AliasOf>() is null)
            .Select(e => e.Metadata.GetMetadata<DescribedDoor>()?.Description.OperationId)
            .OfType<string>().ToList();
        Assert.True(ids.Count >= 50, $"{ids.Count} operations");
        Assert.All(ids, id => Assert.Matches(CamelCase(), id));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task Document_IsServedToAnybody_AsCommitted()
    {
        using var reply = await server.Http.GetAsync(new Uri(OpenApiDoor.Path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
        Assert.True(await reply.Content.ReadAsStringAsync() == await File.ReadAllTextAsync(DocumentFile.Path),
            "contracts/openapi.json is not what the server serves; mend: ./aegis docs");
    }

    [Fact]
    public async Task Document_IsValidOpenApi31_ByItsOwnSchema() =>
        Assert.Equal("3.1 valid\n", await NodeProgram.RunAsync("openapi-valid.mjs", DocumentFile.Path));

    [Fact]
    public async Task UnknownQueryParameter_IsRefused_AndNamesTheKnownOnes()
    {
        var (status, problem) = await server.SendAsync("GET", "/v1/runs?stauts=failed", server.AcmeKey);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("AEGIS6070", problem.GetProperty("code").GetString());
        Assert.Equal("stauts", problem.GetProperty("got").GetString());
        Assert.Contains("status", problem.GetProperty("expected").GetString());
        var (agrees, _) = await server.SendAsync(
            "GET", "/v1/runs?tenant_id=acme&project_id=web", server.AcmeKey);
        Assert.Equal(HttpStatusCode.OK, agrees);
    }

    [Fact]
    public async Task Requests_AreClosed_AndAnswersOpen()
    {
        var schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        foreach (var schema in schemas.EnumerateObject())
        {
            var closed = schema.Value.TryGetProperty("additionalProperties", out var more)
                && more.ValueKind == JsonValueKind.False;
            Assert.True(closed == schema.Name.EndsWith("Request", StringComparison.Ordinal), schema.Name);
        }
        Assert.Equal("#/components/schemas/Run", schemas.GetProperty("RunListing").GetProperty("properties")
            .GetProperty("items").GetProperty("items").GetProperty("$ref").GetString());
    }

    private async Task<JsonElement> DocumentAsync() =>
        (await server.SendAsync("GET", OpenApiDoor.Path, null)).Body;

    [GeneratedRegex("^[a-z]+([A-Z][a-z0-9]*)*$")]
    private static partial Regex CamelCase();
}

/// <summary>contracts/openapi.json. With AEGIS_UPDATE_DOCS=1 (<c>./aegis docs</c>) it is written instead of
/// compared; nothing but the doors is needed for that.</summary>
public sealed class OpenApiFileTests
{
    [Fact]
    [Trait("Category", "Generated")]
    public async Task File_IsWhatTheDoorsSay()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        var options = new ServerOptions { Home = "/nowhere" };
        // doors take their parts when they are called, and none is
        Composition.Map(app, new DoorParts(options, TimeProvider.System, null!, null!, null!, null!,
            null, null, null!, null!, null!));
        var document = OpenApiDocument.Write(
            ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints));
        if (Environment.GetEnvironmentVariable("AEGIS_UPDATE_DOCS") == "1")
        {
            await File.WriteAllBytesAsync(DocumentFile.Path, document);
        }
        var committed = await File.ReadAllBytesAsync(DocumentFile.Path);
        Assert.True(document.AsSpan().SequenceEqual(committed),
            "contracts/openapi.json is not what the doors say; mend: ./aegis docs");
    }
}

internal static class DocumentFile
{
    public static string Path { get; } = System.IO.Path.GetFullPath(
        System.IO.Path.Combine(NodeProgram.Folder, "../../contracts/openapi.json"));
}
