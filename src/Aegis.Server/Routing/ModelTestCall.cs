using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Gateway;

namespace Aegis.Server.Routing;

/// <summary>The shortest call that shows whether a model answers: a word, a vector, or a second of
/// silence.</summary>
internal static class ModelTestCall
{
    private const string Question = "Answer with the one word: ok";
    private const int AnswerTokens = 16;
    private const string Boundary = "aegis-test-5b1c09";
    private const int SamplesPerSecond = 16_000;
    private const int BytesPerSample = 2;

    public static ModelCall Of(string model, AnswerKind kind)
    {
        var (body, type) = kind switch
        {
            AnswerKind.Transcription => (Form(model), $"multipart/form-data; boundary={Boundary}"),
            AnswerKind.Embeddings => (Json(new Dictionary<string, object>
            {
                ["model"] = model, ["input"] = Question,
            }), "application/json"),
            _ => (Json(new Dictionary<string, object>
            {
                ["model"] = model,
                ["messages"] = new[] { new Dictionary<string, string>
                {
                    ["role"] = "user", ["content"] = Question,
                } },
                ["max_tokens"] = AnswerTokens,
                ["stream"] = true,
            }), "application/json"),
        };
        // an answer of the cache would say nothing of the model
        return GatewayBody.Read(body, type, WireProtocol.OpenAi, kind) with { MayBeCached = false };
    }

    private static byte[] Json(Dictionary<string, object> body) => JsonSerializer.SerializeToUtf8Bytes(body);

    private static byte[] Form(string model)
    {
        var head = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n"
            + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"silence.wav\"\r\n"
            + "Content-Type: audio/wav\r\n\r\n";
        return [.. Encoding.UTF8.GetBytes(head), .. Silence(),
            .. Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n")];
    }

    /// <summary>A second of silence as a WAV file: PCM, 16 bits, mono.</summary>
    private static byte[] Silence()
    {
        const int Head = 44;
        const int Sound = SamplesPerSecond * BytesPerSample;
        var wav = new byte[Head + Sound];
        Word("RIFF", 0);
        Number(4, Head - 8 + Sound);
        Word("WAVEfmt ", 8);
        Number(16, 16);
        // PCM in the low half, one channel in the high one
        Number(20, 1 | (1 << 16));
        Number(24, SamplesPerSecond);
        Number(28, Sound);
        Number(32, BytesPerSample | (8 * BytesPerSample << 16));
        Word("data", 36);
        Number(40, Sound);
        return wav;

        void Word(string word, int at) => Encoding.ASCII.GetBytes(word, wav.AsSpan(at));

        void Number(int at, int number) => BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(at), number);
    }
}
