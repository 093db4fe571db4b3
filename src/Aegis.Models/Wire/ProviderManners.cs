using System.ClientModel.Primitives;
using Aegis.Core.Catalogue;

namespace Aegis.Models.Wire;

/// <summary>Shows a provider the key in the way that it wants, and sends its further headers. Nothing is kept
/// of a key that the client library set by itself.</summary>
internal sealed class ProviderManners(ModelRoute route, string? key) : PipelinePolicy
{
    private const string Authorization = "Authorization";

    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline,
        int currentIndex)
    {
        Dress(message.Request);
        ProcessNext(message, pipeline, currentIndex);
    }

    public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline,
        int currentIndex)
    {
        Dress(message.Request);
        return ProcessNextAsync(message, pipeline, currentIndex);
    }

    private void Dress(PipelineRequest request)
    {
        foreach (var (name, value) in route.Headers)
        {
            request.Headers.Set(name, value);
        }
        request.Headers.Remove(Authorization);
        if (key is null)
        {
            return;
        }
        switch (route.Auth.Kind)
        {
            case AuthKind.Bearer:
                request.Headers.Set(Authorization, $"Bearer {key}");
                break;
            case AuthKind.Header:
                request.Headers.Set(route.Auth.Name!, key);
                break;
            case AuthKind.Query:
                // a request that is sent again has it already
                request.Uri = new UriBuilder(request.Uri!)
                {
                    Query = $"{route.Auth.Name}={Uri.EscapeDataString(key)}",
                }.Uri;
                break;
            default:
                break;
        }
    }
}
