using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Aegis.Models.Caching;
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
    private const int SamplesPerSecond = 16_000;
    private const int BytesPerSample = 2;

    // an answer of the cache would say nothing of the model
    public static ModelCall Of(string model, AnswerKind kind) => (kind switch
    {
        AnswerKind.Transcription => SoundForm.CallOf(
            [.. SoundForm.Head(model, "silence.wav", "audio/wav"), .. Silence(), .. SoundForm.Tail()]),
        AnswerKind.Embeddings => Json(kind, new { model, input = Question }),
        _ => Json(kind, new
        {
            model, messages = new[] { new { role = "user", content = Question } },
            max_tokens = AnswerTokens, stream = true,
        }),
    }) with { Cache = CacheWish.Nothing };

    private static ModelCall Json<T>(AnswerKind kind, T body) => GatewayBody.Read(
        JsonSerializer.SerializeToUtf8Bytes(body), "application/json", WireProtocol.OpenAi, kind);

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
