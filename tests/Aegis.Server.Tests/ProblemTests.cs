using System.Net;
using System.Net.Http.Headers;
using Aegis.Core.Errors;
using Aegis.Engine;
using Aegis.Server.Problems;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class ProblemTests(ServerFixture server) : IDisposable
{
    public void Dispose()
    {
        server.Engine.OnPlan = null;
        server.Engine.Sick = null;
    }

    [Fact]
    public async Task RejectedWorkflow_ListsEveryErrorWithItsPlace()
    {
        server.Engine.OnPlan = (_, _) => throw new WorkflowRejectedException(
        [
            new Diagnostic(new SourceSpan("ci.yaml", 3, 5),
            new AegisError("AEGIS1001", "no such key", "steps", "stepz", "rename it")),
            new Diagnostic(new SourceSpan("ci.yaml", 9, 1), new AegisError("AEGIS1002", "second")),
        ]);
        var (status, problem) = await server.SendAsync(
            "POST", "/v1/workflows", server.AcmeKey, """{"workflow":"x"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var errors = problem.GetProperty("errors");
        Assert.Equal(2, errors.GetArrayLength());
        Assert.Equal("""
            {"code":"AEGIS1001","message":"no such key","file":"ci.yaml","line":3,"column":5,
            "expected":"steps","got":"stepz","mend":"rename it"}
            """.ReplaceLineEndings(""), errors[0].GetRawText());
        Assert.Equal("""{"code":"AEGIS1002","message":"second","file":"ci.yaml","line":9,"column":1}""",
            errors[1].GetRawText());
        Assert.Equal("AEGIS6040", problem.GetProperty("code").GetString());
        Assert.Equal("urn:aegis:error:AEGIS6040", problem.GetProperty("type").GetString());
    }

    [Fact]
    public async Task UnexpectedFailure_TellsNothingButATraceId()
    {
        server.Engine.OnPlan = (_, _) => throw new InvalidOperationException("secret at /srv/x");
        using var request = server.Request("POST", "/v1/workflows", server.AcmeKey, """{"workflow":"x"}""");
        using var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.Contains("AEGIS6000", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LedgerGone_Is503AndNot500()
    {
        server.Engine.OnPlan = (_, _) => throw new Npgsql.NpgsqlException("connection refused by 10.0.0.1");
        var (status, problem) = await server.SendAsync(
            "POST", "/v1/workflows", server.AcmeKey, """{"workflow":"x"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("10.0.0.1", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"workflow":"x","bogus":1}""", 400)]
    [InlineData("""{"workflow":"x","workflow":"y"}""", 400)]
    [InlineData("""{"workflow":5}""", 400)]
    [InlineData("""{"workflow":"x","inputs":{"a":1,"a":2}}""", 400)]
    [InlineData("{", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("{}", 400)]
    [InlineData("""{"workflow":"  "}""", 400)]
    [InlineData("""{"objective":""}""", 400)]
    [InlineData("""{"objective":"build me a shop","workflow":"x"}""", 400)]
    [InlineData("""{"objective":"build me a shop","inputs":[]}""", 400)]
    [InlineData("""{"objective":"build me a shop","repository":"shop"}""", 201)]
    [InlineData("""{"workflow":"x"}""", 201)]
    public async Task Body_Forms(string body, int expected)
    {
        var (status, problem) = await server.SendAsync("POST", "/v1/plans:create", server.AcmeKey, body);
        Assert.Equal(expected, (int)status);
        Assert.DoesNotContain("Aegis.Server", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_OfAnotherMediaType_Is415_AndYamlIsAWorkflow()
    {
        var (status, _) = await server.SendAsync(
            "POST", "/v1/plans:create", server.AcmeKey, "x", "text/html");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        server.Engine.Asked.Clear();
        var (made, _) = await server.SendAsync(
            "POST", "/v1/workflows?file_name=ci.yaml", server.AcmeKey, "name: ci",
            "application/yaml");
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Contains(
            server.Engine.Asked, a => a is ValueTuple<string, string, Core.Tenancy, string, string> plan
            && plan.Item3 == ServerFixture.Acme && plan.Item4 == "ci.yaml" && plan.Item5 == "name: ci");
    }

    [Fact]
    public async Task Ready_NamesThePartThatIsNot()
    {
        server.Engine.Sick = new AegisError("AEGIS5000", "it lost its lease");
        var (status, problem) = await server.SendAsync("GET", "/readyz", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("the engine is not ready", problem.GetProperty("detail").GetString());
        Assert.Equal("it lost its lease", problem.GetProperty("got").GetString());
    }

    [Fact]
    public async Task Unauthorized_SaysHowToAuthenticate()
    {
        using var reply = await server.Http.GetAsync(new Uri("/v1/runs", UriKind.Relative));
        Assert.Contains(new AuthenticationHeaderValue("Bearer"), reply.Headers.WwwAuthenticate);
        Assert.Contains(reply.Headers.WwwAuthenticate, h => h.Scheme == "Basic");
    }

    [Fact]
    public void Registry_KnowsEveryCodeOfTheDoors()
    {
        var all = typeof(DoorErrors).GetProperties().Select(p => ((AegisError)p.GetValue(null)!).Code)
            .Concat([DoorErrors.Internal("").Code, DoorErrors.MediaType("", "").Code,
            DoorErrors.ScopeMissing("").Code,
                DoorErrors.ScopeNotGrantable("").Code, DoorErrors.NotFound("", "").Code,
                DoorErrors.Exists("", "").Code,
                DoorErrors.Malformed("").Code, DoorErrors.BodyTooLarge(1).Code,
                    DoorErrors.TooManyStreams(1).Code,
                DoorErrors.NotReady("", "").Code]);
        Assert.All(all, code => Assert.Contains(code, ErrorRegistry.Codes));
        Assert.Equal(422, ErrorRegistry.Status("AEGIS9999"));
        Assert.Equal(404, ErrorRegistry.Status("AEGIS6020"));
    }
}
