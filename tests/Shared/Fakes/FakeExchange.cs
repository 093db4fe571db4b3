using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>One call and its answer, faults included.</summary>
internal sealed class FakeExchange(FakeProvider fake, FakeProviderOptions options, HttpContext context,
    byte[] body, FakeFault fault, CancellationToken end)
{
    private bool IsAnthropic => context.Request.Path.Value!.EndsWith("/messages", StringComparison.Ordinal);

    public async Task RunAsync()
    {
        switch (fault.Kind)
        {
            case FakeFaultKind.Hang:
                await fake.HangAsync(end);
                return;
            case FakeFaultKind.Status:
                if (fault.RetryAfter is not null)
                {
                    context.Response.Headers.RetryAfter = fault.RetryAfter;
                }
                await ErrorAsync(fault.Number, $"The fake was told to answer {fault.Number}.");
                return;
            case FakeFaultKind.Garbage:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><body>It works!</body></html>", end);
                return;
            case FakeFaultKind.Redirect:
                context.Response.Redirect(fake.Root + "elsewhere");
                return;
        }
        if (options.Key is { } key && !Has(key))
        {
            // some providers repeat the key that they refuse
            await ErrorAsync(401, $"Incorrect API key provided: {Sent()}.");
            return;
        }
        await RouteAsync();
    }

    private async Task RouteAsync()
    {
        switch (context.Request.Path.Value)
        {
            case "/v1/chat/completions" or "/v1/messages":
                await ChatAsync();
                break;
            case "/v1/embeddings":
                await SendAsync(FakeOther.Embeddings(JsonDocument.Parse(body).RootElement));
                break;
            case "/v1/audio/transcriptions":
                await SendAsync(FakeOther.Transcription(body));
                break;
            case "/v1beta/cachedContents":
                await SendAsync(FakeOther.CachedContent(JsonDocument.Parse(body).RootElement, fake.Memory));
                break;
            case "/v1/models":
                await SendAsync(FakeOther.Models(options.Models,
                    context.Request.Headers.ContainsKey("anthropic-version")));
                break;
            default:
                await ErrorAsync(404, "No such path.");
                break;
        }
    }

    private async Task ChatAsync()
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            await ErrorAsync(400, "We could not parse the JSON body of your request.");
            return;
        }
        using (json)
        {
            var wrong = Wrong(json.RootElement);
            if (wrong is { } error)
            {
                await ErrorAsync(error.Status, error.Message);
                return;
            }
            var question = FakeQuestion.Of(json.RootElement);
            if (question.CachedContent is { } name && fake.Memory.Stored(name) is null)
            {
                await ErrorAsync(404, "CachedContent not found.");
                return;
            }
            var reply = FakeReply.To(question, options.Reply);
            var speech = IsAnthropic ? (IFakeSpeech)new FakeAnthropic(question, reply, fake.Memory)
                : new FakeOpenAi(question, reply, fake.Memory);
            if (question.Stream)
            {
                await StreamAsync(speech);
            }
            else
            {
                await SendAsync(speech.Whole());
            }
        }
    }

    private (int Status, string Message)? Wrong(JsonElement root)
    {
        var model = FakeQuestion.Text(root, "model");
        if (model.Length == 0)
        {
            return (400, "model: Field required");
        }
        if (options.Models.Count > 0 && !options.Models.Contains(model))
        {
            return (404, $"The model `{model}` does not exist or you do not have access to it.");
        }
        if (!root.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array
            || messages.GetArrayLength() == 0)
        {
            return (400, "messages: at least one message is required");
        }
        if (!IsAnthropic)
        {
            return null;
        }
        return !context.Request.Headers.ContainsKey("anthropic-version")
            ? (400, "anthropic-version: header is required")
            : !root.TryGetProperty("max_tokens", out _) ? (400, "max_tokens: Field required") : null;
    }

    private async Task StreamAsync(IFakeSpeech speech)
    {
        context.Response.ContentType = "text/event-stream";
        using var pace = fault.Kind == FakeFaultKind.Slow
            ? new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(fault.Number, 1))) : null;
        var (count, sent) = (0, 0);
        foreach (var said in speech.Events())
        {
            var next = fault.Kind switch
            {
                FakeFaultKind.StreamError when count == fault.Number => speech.Error(),
                FakeFaultKind.StreamGarbage when count == fault.Number => "data: <oops>\n\n",
                _ => said,
            };
            if (pace is not null && count > 0)
            {
                await pace.WaitForNextTickAsync(end);
            }
            var bytes = Encoding.UTF8.GetBytes(next);
            if (fault.Kind == FakeFaultKind.Cut && sent + bytes.Length > fault.Number)
            {
                var part = bytes.AsMemory(0, Math.Max(fault.Number - sent, 0));
                await context.Response.Body.WriteAsync(part, end);
                throw Cut();
            }
            await context.Response.Body.WriteAsync(bytes, end);
            sent += bytes.Length;
            if (count++ == 0 || pace is not null)
            {
                await context.Response.Body.FlushAsync(end);
            }
            if (!ReferenceEquals(next, said))
            {
                return;
            }
        }
    }

    private async Task SendAsync(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        var length = fault.Kind switch
        {
            FakeFaultKind.Truncate => bytes.Length / 2,
            FakeFaultKind.Cut => Math.Min(fault.Number, bytes.Length),
            _ => bytes.Length,
        };
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, length), end);
        if (length < bytes.Length)
        {
            throw Cut();
        }
    }

    // the server hangs up behind what was written; to abort would lose some of that as well
    private static IOException Cut() => new("the fake was told to break off");

    private async Task ErrorAsync(int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-request-id"] = "req_fake";
        var type = IsAnthropic ? FakeAnthropic.ErrorType(status) : FakeOpenAi.ErrorType(status);
        var text = JsonSerializer.Serialize(message);
        await context.Response.WriteAsync(IsAnthropic
            ? $$"""
              {"type":"error","error":{"type":"{{type}}","message":{{text}} },"request_id":"req_fake"}
              """
            : $$"""
              {"error":{"message":{{text}},"type":"{{type}}","param":null,"code":{{Code(status)}} } }
              """, end);
    }

    private static string Code(int status) => status switch
    {
        401 => "\"invalid_api_key\"",
        404 => "\"model_not_found\"",
        429 => "\"rate_limit_exceeded\"",
        _ => "null",
    };

    private bool Has(string key) => Sent() == key;

    private string Sent()
    {
        var headers = context.Request.Headers;
        if (context.Request.Path.StartsWithSegments("/v1beta"))
        {
            return headers["x-goog-api-key"].ToString();
        }
        var bearer = headers.Authorization.ToString();
        return bearer.StartsWith("Bearer ", StringComparison.Ordinal) ? bearer[7..]
            : headers["x-api-key"].ToString() is { Length: > 0 } own ? own
            : context.Request.Query["key"].ToString();
    }
}

/// <summary>An answer in one of the protocols.</summary>
internal interface IFakeSpeech
{
    string Whole();

    IEnumerable<string> Events();

    string Error();
}
