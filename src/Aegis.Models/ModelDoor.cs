using System.Text;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Routing.Failures;
using Aegis.Core.Runs.Models;
using Aegis.Models.Caching;
using Aegis.Models.Calls;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Protocols.Json;
using Aegis.Models.Rehearsals;
using Aegis.Models.Upstreams;

namespace Aegis.Models;

/// <summary>A key that the caller has for this address by its name; null where there is none.</summary>
public delegate ValueTask<string?> ModelKeys(string name, Uri address, CancellationToken cancel);

/// <summary>The only way to a model: the runner with what it needs, and for callers who want words alone a
/// call that hands them over.</summary>
public sealed class ModelDoor : IDisposable
{
    private readonly ModelDoorOptions _options;
    private readonly UpstreamClient _providers;

    /// <param name="hostKey">The host's own key of that name; null where it has none.</param>
    /// <param name="memory">What the node knows of models; null begins with nothing.</param>
    /// <param name="answers">Answers that were given before; null keeps none.</param>
    public ModelDoor(Func<string, string?> hostKey, ModelDoorOptions? options = null,
        IModelMemory? memory = null, TimeProvider? time = null, AnswerCache? answers = null)
    {
        _options = options ?? new();
        time ??= TimeProvider.System;
        var limits = new UpstreamOptions
        {
            HeaderTimeout = _options.Timeout,
            AnswerBytesMax = _options.ReplyBytesMax,
            LocalHosts = _options.LocalHosts,
        };
        _providers = new UpstreamClient(limits, time);
        Runner = new ModelRunner(new RunnerParts(_providers,
            (file, call) => RehearsalUpstream.Open(file, call, time, limits),
            memory ?? new ModelMemory(), _options.Catalogue, hostKey, time)
        {
            Answers = answers,
            Prompts = new PromptCaches(_providers, time),
            HeaderTimeout = _options.Timeout,
            Retries = RetryRules.Default with { TriesOfAModel = _options.RetriesMax + 1 },
        });
    }

    public ModelRunner Runner { get; }

    /// <summary>The catalogue as it is now.</summary>
    public ModelCatalogue Catalogue => _options.Catalogue();

    /// <summary>Asks for words.</summary>
    /// <param name="said">Hears the words as they come, where the request wants that.</param>
    /// <param name="used">Hears what the call used, whether or not it brought an answer.</param>
    /// <exception cref="AegisException">AEGIS2320 to 2429.</exception>
    public async ValueTask<ModelReply> ChatAsync(ModelCaller by, ModelRequest request,
        CancellationToken cancel, Func<string, ValueTask>? said = null, Action<ModelUse>? used = null)
    {
        CheckRequest(request);
        var left = by.Purse?.LeftUsd;
        var words = request.Streams && said is not null ? new WordStream(said) : null;
        var end = await Runner.RunAsync(CallOf(request, by.Profile, words is not null), by,
            words is null ? null : words.Begin, cancel);
        await (words?.EndAsync() ?? ValueTask.CompletedTask);
        if (end.Use is { } use)
        {
            used?.Invoke(use);
        }
        if (end.Error is { } error)
        {
            throw new AegisException(error);
        }
        cancel.ThrowIfCancellationRequested();
        return Reply(end, words, left);
    }

    public void Dispose() => _providers.Dispose();

    private static ModelReply Reply(ModelCallEnd end, WordStream? words, decimal? left)
    {
        var use = end.Use!;
        if (left is { } cap && use.CostUsd > cap)
        {
            throw ModelErrors.OverBudget(
                $"the reply of {use.Provider} cost more than was left", use.CostUsd, cap);
        }
        var text = words?.Text ?? "";
        if (!end.Body.IsEmpty)
        {
            text = ChatTranslation.TryReadAnswer(
                end.Body.Span, WireProtocol.OpenAi, out var answer, out var wrong)
                ? answer.Text : throw ModelErrors.BadReply(use.Provider, wrong);
        }
        return new(text, use.Provider, use.Model, use.Origin, use.Tokens.Input, use.Tokens.Output,
            use.CostUsd);
    }

    private static ModelCall CallOf(ModelRequest request, Profile profile, bool streams)
    {
        // the runner bounds the answer's length by the profile and the model
        var usual = request with { Temperature = request.Temperature ?? profile.Generation.Temperature };
        var asked = request.Model ?? ModelChoice.DefaultAlias;
        var body = JsonBody.Of((usual, asked, streams), static (writer, it) =>
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, it.asked);
            writer.WriteStartArray("messages"u8);
            foreach (var message in it.usual.Messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role"u8, message.Role);
                writer.WriteString("content"u8, message.Text);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            if (it.usual.Temperature is { } temperature)
            {
                writer.WriteNumber("temperature"u8, temperature);
            }
            if (it.usual.MaxTokens is { } tokens)
            {
                writer.WriteNumber("max_tokens"u8, tokens);
            }
            if (it.streams)
            {
                writer.WriteBoolean("stream"u8, true);
            }
            writer.WriteEndObject();
        }, 1024);
        return new ModelCall(WireProtocol.OpenAi, AnswerKind.Chat, body, asked)
        {
            Outline = CallOutline.Read(body),
            Provider = request.Provider,
            Agent = request.Role,
            Turn = request.Turn,
        };
    }

    private void CheckRequest(ModelRequest request)
    {
        if (request.Messages.IsDefaultOrEmpty)
        {
            throw ModelErrors.BadRequest("it has no messages");
        }
        if (request.Messages.FirstOrDefault(m =>
            m.Role is not ("system" or "user" or "assistant")) is { } odd)
        {
            throw ModelErrors.BadRequest($"a message has the role {odd.Role}", "system, user or assistant");
        }
        if (request.Messages.Sum(m => (long)m.Text.Length) > _options.PromptCharsMax)
        {
            throw ModelErrors.BadRequest("the conversation is too long",
                $"at most {_options.PromptCharsMax} characters");
        }
    }
}
