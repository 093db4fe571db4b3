using System.ClientModel;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using OpenAiMessage = OpenAI.Chat.ChatMessage;

namespace Aegis.Models.Wire;

/// <summary>OpenAI's chat client as an <see cref="IChatClient"/>. Failures come out as AEGIS errors that hold
/// no key. To be replaced by Microsoft.Extensions.AI.OpenAI where that package is to be had.</summary>
internal sealed class OpenAiChatClient(ChatClient client, ModelRoute route, string? key, TimeSpan timeout)
    : IChatClient
{
    private const int SaidCharsMax = 300;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages,
        ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        MappedAsync(async () => Response((await client.CompleteChatAsync(
            messages.Select(Wire), Options(options), cancellationToken)).Value), cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var coming = client.CompleteChatStreamingAsync(
            messages.Select(Wire), Options(options), cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MappedAsync(async () => await coming.MoveNextAsync(), cancellationToken))
        {
            yield return Update(coming.Current);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClient) ? client : null;

    public void Dispose()
    {
        // connections belong to the wire
    }

    private static OpenAiMessage Wire(ChatMessage message) => message.Role.Value switch
    {
        "system" => new SystemChatMessage(message.Text),
        "assistant" => new AssistantChatMessage(message.Text),
        _ => new UserChatMessage(message.Text),
    };

    private ChatCompletionOptions Options(ChatOptions? options)
    {
        var wire = new ChatCompletionOptions { Temperature = options?.Temperature };
        if (options?.MaxOutputTokens is { } max)
        {
            if (route.OutputLimit == OutputLimit.MaxCompletionTokens)
            {
                wire.MaxOutputTokenCount = max;
            }
            else
            {
#pragma warning disable SCME0001 // the SDK's way of setting a field that it does not model
                wire.Patch.Set("$.max_tokens"u8, max);
#pragma warning restore SCME0001
            }
        }
        return wire;
    }

    private async Task<T> MappedAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw ModelErrors.TimedOut(route.Provider, timeout);
        }
        catch (ClientResultException e)
        {
            throw Mapped(e);
        }
        catch (AggregateException e) when (e.InnerException is ClientResultException inner)
        {
            throw Mapped(inner);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw Mapped(e);
        }
        catch (InvalidDataException)
        {
            throw ModelErrors.BadReply(route.Provider, "it is longer than the limit");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException
            or ArgumentException or KeyNotFoundException)
        {
            throw ModelErrors.BadReply(route.Provider, Said(e.Message));
        }
    }

    private static ChatResponseUpdate Update(StreamingChatCompletionUpdate part)
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, string.Concat(part.ContentUpdate
            .Where(p => p.Kind == ChatMessageContentPartKind.Text).Select(p => p.Text)))
        {
            ModelId = string.IsNullOrEmpty(part.Model) ? null : part.Model,
        };
        if (part.Usage is { } usage)
        {
            update.Contents.Add(new UsageContent(Usage(usage)));
        }
        return update;
    }

    private static UsageDetails Usage(ChatTokenUsage usage) => new()
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
    };

    private static ChatResponse Response(ChatCompletion answer)
    {
        var text = string.Concat(answer.Content.Where(part => part.Kind == ChatMessageContentPartKind.Text)
            .Select(part => part.Text));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ModelId = string.IsNullOrEmpty(answer.Model) ? null : answer.Model,
            Usage = answer.Usage is null ? null : Usage(answer.Usage),
        };
    }

    private AegisException Mapped(Exception failure) => failure switch
    {
        ClientResultException { Status: 401 or 403 } e => ModelErrors.KeyRefused(route.Provider, e.Status),
        ClientResultException { Status: 429 or >= 500 } e => ModelErrors.Busy(route.Provider, e.Status),
        ClientResultException { Status: >= 400 } e => ModelErrors.Refused(route.Provider, e.Status, Body(e)),
        ClientResultException { Status: >= 300 } e =>
            ModelErrors.BadReply(route.Provider, $"a redirect, HTTP {e.Status}"),
        NotLocalException e => ModelErrors.NotLocal(route.Provider, e.Host),
        { InnerException: NotLocalException e } => ModelErrors.NotLocal(route.Provider, e.Host),
        ClientResultException { InnerException: { } inner } => Mapped(inner),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            ModelErrors.BadReply(route.Provider, "it is longer than the limit"),
        HttpRequestException e => ModelErrors.Unreachable(route.Provider,
            Said(e.HttpRequestError.ToString())),
        _ => ModelErrors.Unreachable(route.Provider, failure.GetType().Name),
    };

    private string Body(ClientResultException e)
    {
        var body = e.GetRawResponse()?.Content.ToString() ?? "";
        try
        {
            using var json = JsonDocument.Parse(body);
            return Said(json.RootElement.GetProperty("error").GetProperty("message").GetString() ?? "");
        }
        catch (Exception shape) when (shape is JsonException or KeyNotFoundException
            or InvalidOperationException)
        {
            return Said(body);
        }
    }

    // a server may repeat what it was sent, the key too
    private string Said(string text)
    {
        var clean = string.IsNullOrEmpty(key) ? text : text.Replace(key, "***", StringComparison.Ordinal);
        clean = new string([.. clean.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return clean.Length > SaidCharsMax ? clean[..SaidCharsMax] + "…" : clean;
    }
}
