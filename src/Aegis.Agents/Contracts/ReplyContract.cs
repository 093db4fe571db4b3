using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;

namespace Aegis.Agents.Contracts;

/// <summary>What an agent's last reply must be: a record, to which the reply is bound as strictly as a tool's
/// input. The schema that the model is shown is made from the same record.</summary>
public sealed class ReplyContract
{
    /// <summary>Errors that are told at once.</summary>
    public const int ErrorsMax = 20;

    private const int DepthMax = 16;

    private readonly Type type;

    private ReplyContract(Type type)
    {
        this.type = type;
        Schema = ToolSchema.Of(type);
    }

    public static FrozenDictionary<string, ReplyContract> All { get; } = new[]
    {
        typeof(Answer), typeof(AuditOpinion), typeof(Brief), typeof(BuildReport), typeof(DeployReport),
        typeof(FailureAnalysis), typeof(PlanProposal), typeof(ReviewReport), typeof(Spec),
        typeof(VaccineProposal),
    }.ToFrozenDictionary(t => t.Name, t => new ReplyContract(t), StringComparer.Ordinal);

    public string Name => type.Name;

    public JsonElement Schema { get; }

    /// <summary>The reply as the JSON object that it is; or everything that is wrong with it.</summary>
    public BoundReply Bind(string text)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(Bare(text));
        }
        catch (JsonException e)
        {
            return new BoundReply(null, [$"the reply is no JSON: {Plain(e.Message)}"]);
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return new BoundReply(null, [$"the reply is no JSON object but {json.ValueKind}"]);
        }
        if (!ToolSchema.TryBind(type, Name, json, out var bound, out var error))
        {
            return new BoundReply(null, [Text(error!)]);
        }
        var wrong = new List<string>();
        Check(bound!, "", 0, wrong);
        return wrong.Count > 0 ? new BoundReply(null, [.. wrong.Take(ErrorsMax)])
            : new BoundReply(json, []);
    }

    /// <summary>The same of a reply that a step hands on: an object, or the text of one.</summary>
    public BoundReply Bind(JsonElement reply) => Bind(
        reply.ValueKind == JsonValueKind.String ? reply.GetString()! : reply.GetRawText());

    /// <summary>A model often puts its JSON into one fence; nothing else is taken off.</summary>
    internal static string Bare(string text)
    {
        var bare = text.Trim();
        if (!bare.StartsWith("```", StringComparison.Ordinal)
            || !bare.EndsWith("```", StringComparison.Ordinal))
        {
            return bare;
        }
        var line = bare.IndexOf('\n', StringComparison.Ordinal);
        return line > 0 && line < bare.Length - 3 ? bare[(line + 1)..^3].Trim() : bare;
    }

    private static void Check(object value, string place, int depth, List<string> wrong)
    {
        if (depth > DepthMax || wrong.Count >= ErrorsMax)
        {
            return;
        }
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(value, new ValidationContext(value), results, true);
        foreach (var result in results)
        {
            var member = result.MemberNames.FirstOrDefault() is { } name ? Member(name) : "";
            wrong.Add($"{Join(place, member)}: {result.ErrorMessage?.TrimEnd('.')}");
        }
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (name, held) = (Join(place, Member(property.Name)), property.GetValue(value));
            if (held is IEnumerable items and not string && !IsDefault(held))
            {
                var index = 0;
                foreach (var item in items)
                {
                    Nested(item, string.Create(CultureInfo.InvariantCulture, $"{name}[{index++}]"), depth,
                        wrong);
                }
            }
            else
            {
                Nested(held, name, depth, wrong);
            }
        }
    }

    private static void Nested(object? value, string place, int depth, List<string> wrong)
    {
        if (value is string text)
        {
            if (text.Length > ContractText.LongMax)
            {
                wrong.Add($"{place}: at most {ContractText.LongMax} characters");
            }
        }
        else if (value is not null && value.GetType() is { IsEnum: false } held
            && held.Namespace == typeof(ReplyContract).Namespace)
        {
            Check(value, place, depth + 1, wrong);
        }
    }

    private static bool IsDefault(object held) =>
        held.GetType().GetProperty("IsDefault")?.GetValue(held) is true;

    private static string Member(string property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property);

    private static string Join(string place, string member) =>
        place.Length == 0 ? member : member.Length == 0 ? place : $"{place}.{member}";

    private static string Text(AegisError error) => error.Message
        + (error.Expected is { } expected ? $"; expected {expected}" : "")
        + (error.Got is { } got ? $", got {got}" : "");

    private static string Plain(string message) => message.Split('\n')[0];
}

/// <param name="Json">Null where it is wrong.</param>
/// <param name="Errors">All that is wrong, in words for a model.</param>
public sealed record BoundReply(JsonElement? Json, ImmutableArray<string> Errors);
