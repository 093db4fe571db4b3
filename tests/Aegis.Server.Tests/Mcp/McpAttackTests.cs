using System.Net;
using System.Text.Json.Nodes;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Mcp;

/// <summary>Tries to get past the MCP door: other people's sessions, foreign pages, bodies that are no
/// message. Each with the control that the honest form of the same thing passes.</summary>
[Collection(RealServerGroup.Name)]
public sealed class McpAttackTests(RealServer server)
{
    private const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""";

    [Fact]
    public async Task Session_OfAnotherKeyOfTheSameProject_DoesNotExist()
    {
        var mine = new McpCaller(server);
        await mine.OpenAsync();
        var thief = new McpCaller(server, await server.KeyAsync("acme", "admin:*"))
        {
            Session = mine.Session,
        };
        Assert.Equal(HttpStatusCode.NotFound, (await thief.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.NotFound, await thief.EndAsync());
        Assert.Equal(HttpStatusCode.NotFound, await thief.ListenAsync());
        Assert.Equal(HttpStatusCode.OK, (await mine.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.OK, await mine.EndAsync());
    }

    [Fact]
    public async Task Session_ThatNobodyOpened_DoesNotExist()
    {
        var caller = new McpCaller(server) { Session = new string('A', 24) };
        Assert.Equal(HttpStatusCode.NotFound, (await caller.SendAsync("tools/list")).Status);
        caller.Session = null;
        Assert.Equal(HttpStatusCode.NotFound, (await caller.SendAsync("tools/list")).Status);
        await caller.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, (await caller.SendAsync("tools/list")).Status);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1.evil.example")]
    [InlineData("Host", "localhost.evil.example:4000")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1.evil.example")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    public async Task ForeignPage_IsRefusedByEveryMethod(string header, string value)
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        caller.Headers[header] = value;
        Assert.Equal(HttpStatusCode.Forbidden, (await caller.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await caller.ListenAsync());
        Assert.Equal(HttpStatusCode.Forbidden, await caller.EndAsync());
        // the control: the page of the server itself
        caller.Headers.Clear();
        caller.Headers["Origin"] = server.Server.Url.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.OK, (await caller.SendAsync("tools/list")).Status);
        Assert.Equal(HttpStatusCode.OK, await caller.EndAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("[" + List + "]")]
    [InlineData("[" + List + "," + List + "]")]
    [InlineData("{}")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"tools/list"}""")]
    [InlineData("""{"id":1,"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":1,"a":2}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"a":1,"a":2}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}""")]
    [InlineData(List + List)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{""")]
    public async Task Body_ThatIsNoMessage_IsRefused(string body)
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var reply = await caller.PostAsync(body, []);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("AEGIS6203", reply.Error.GetProperty("data").GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await caller.PostAsync(List, [])).Status);
    }

    [Theory]
    [InlineData(60, HttpStatusCode.OK)]
    [InlineData(65, HttpStatusCode.BadRequest)]
    public async Task Body_NestedTooDeep_IsRefused(int deep, HttpStatusCode status)
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var nest = string.Concat(Enumerable.Repeat("[", deep)) + string.Concat(Enumerable.Repeat("]", deep));
        Assert.Equal(status, (await caller.PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"flow.noop","arguments":"""
            + """{"value":""" + nest + "}}}", [])).Status);
    }

    [Fact]
    public async Task Body_OfTwoMebibytes_IsRead_AndOneByteMoreIsNot()
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var room = (int)DoorLimits.BodyBytesMax - List.Length;
        Assert.Equal(HttpStatusCode.OK, (await caller.PostAsync(List + new string(' ', room), [])).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge,
            (await caller.PostAsync(List + new string(' ', room + 1), [])).Status);
    }

    [Theory]
    [InlineData("tools/call", """{"name":"flow.noop","arguments":[]}""")]
    [InlineData("tools/call", """{"name":7}""")]
    [InlineData("tools/call", """{"name":"\ud800"}""")]
    [InlineData("tools/list", """{"cursor":"\ud800"}""")]
    [InlineData("tools/call", """{}""")]
    [InlineData("tools/call", "[]")]
    [InlineData("resources/read", """{"uri":"run://../../etc/passwd"}""")]
    [InlineData("resources/read", """{"uri":"file:///etc/passwd"}""")]
    [InlineData("resources/read", """{"uri":"artifact://a' OR '1'='1"}""")]
    [InlineData("prompts/get", """{"name":"../profile"}""")]
    [InlineData("completion/complete", """{"ref":{"type":"none"},"argument":{"name":"a","value":""}}""")]
    [InlineData("sampling/createMessage", "{}")]
    public async Task Request_OfAWrongForm_IsAnErrorThatShowsNothingOfTheServer(string method, string sent)
    {
        var caller = new McpCaller(server);
        await caller.OpenAsync();
        var reply = await caller.PostAsync(
            $$$"""{"jsonrpc":"2.0","id":9,"method":"{{{method}}}","params":{{{sent}}}}""", []);
        Assert.Equal(JsonNode.Parse("9")!.ToString(), reply.Last.GetProperty("id").GetRawText());
        var words = reply.Error.GetRawText();
        Assert.DoesNotContain("Exception", words, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", words, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await caller.PostAsync(List, [])).Status);
    }
}
