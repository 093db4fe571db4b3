using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Auth;
using Aegis.Server.OpenApi;
using Aegis.Server.Rooms;

namespace Aegis.Server.Gateway;

/// <summary>Models for clients that speak OpenAI's or Anthropic's protocol: they change their base address
/// and key, and nothing else.</summary>
internal static class GatewayDoors
{
    private const string OpenAi = "OpenAI's API reference, https://platform.openai.com/docs; docs/gateway.md";
    private const string Anthropic = "Anthropic's API reference, https://docs.claude.com; docs/gateway.md";
    private const string Scope = "tools:llm";

    public static void Map(IEndpointRouteBuilder routes, DoorParts parts, GatewaySessions sessions)
    {
        Post("/v1/chat/completions", WireProtocol.OpenAi, AnswerKind.Chat, OpenAi);
        Post("/v1/responses", WireProtocol.Responses, AnswerKind.Chat, OpenAi);
        Post("/v1/embeddings", WireProtocol.OpenAi, AnswerKind.Embeddings, OpenAi);
        Post("/v1/audio/transcriptions", WireProtocol.OpenAi, AnswerKind.Transcription, OpenAi);
        Post("/v1/messages", WireProtocol.Anthropic, AnswerKind.Chat, Anthropic);
        var models = new ModelListDoor(parts);
        routes.MapGet("/v1/models", models.ListAsync).RequireScope(Scope).IsDescribedElsewhere(OpenAi)
            .WithMetadata(new ModelDialect(WireProtocol.OpenAi));
        routes.MapGet("/v1/models/{**name}", models.ShowAsync).RequireScope(Scope)
            .IsDescribedElsewhere(OpenAi).WithMetadata(new ModelDialect(WireProtocol.OpenAi));

        void Post(string path, WireProtocol protocol, AnswerKind kind, string described)
        {
            var door = new GatewayDoor(parts, sessions, protocol, kind);
            routes.MapPost(path, door.PostAsync).RequireScope(Scope).IsDescribedElsewhere(described)
                .WithMetadata(new ModelDialect(protocol), new BodySize(kind == AnswerKind.Transcription
                    ? ProtocolLimits.FormBytesMax : ProtocolLimits.CallBytesMax));
        }
    }
}
