package main

import (
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/forkid"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/kzg4844"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/catalyst"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	ethproto "github.com/ethereum/go-ethereum/eth/protocols/eth"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/params"
	"github.com/holiman/uint256"

	"peerchart.test/geth-peer/jsonlines"
)

const (
	// genesisTime is the same in each run, and with it the hash of the genesis block.
	genesisTime = 1_700_000_000

	// blockGas is the gas limit of a block: enough for some hundred transactions of traffic.
	blockGas = 60_000_000

	// maxBroadcastSize is the size up to which a transaction is sent unasked. Source: eth/handler.go txMaxBroadcastSize.
	maxBroadcastSize = 4096

	// blocksPerAnnouncement is how far the head moves before go-ethereum sends a BlockRangeUpdate.
	// Source: eth/handler.go shouldSend.
	blocksPerAnnouncement = 32
)

// account has funds on our chain only.
type account struct {
	key   *ecdsa.PrivateKey
	nonce uint64
}

// fullNode is one go-ethereum node with its chain; only our accounts have funds.
type fullNode struct {
	stack   *node.Node
	eth     *eth.Ethereum
	beacon  *catalyst.SimulatedBeacon
	genesis *core.Genesis
	network uint64
	forks   []uint64 // times, in s since 1970

	// An account cannot have transactions in both pools of go-ethereum, and a transaction that waits stops all that follow it.
	small, large, blobs account
	sending             sync.Mutex // guards their nonces
	work                sync.WaitGroup
}

func startFullNode(o options) (*fullNode, error) {
	key, err := crypto.GenerateKey()
	if o.keyHex != "" {
		key, err = crypto.HexToECDSA(o.keyHex)
	}
	if err != nil {
		return nil, err
	}
	versions, err := parseNumbers(o.versions)
	if err != nil {
		return nil, err
	}
	if len(versions) > 0 {
		ethproto.ProtocolVersions = nil
		for _, version := range slices.Backward(versions) {
			ethproto.ProtocolVersions = append(ethproto.ProtocolVersions, uint(version))
		}
	}
	n := &fullNode{network: o.networkID, small: newAccount("small"), large: newAccount("large"), blobs: newAccount("blobs")}
	if err := n.makeGenesis(o.forks); err != nil {
		return nil, err
	}
	n.stack, err = node.New(&node.Config{
		Name: o.name, Version: "test", UseLightweightKDF: true,
		P2P: p2p.Config{PrivateKey: key, MaxPeers: o.maxPeers, ListenAddr: "127.0.0.1:0", NoDiscovery: true},
	})
	if err != nil {
		return nil, err
	}
	config := ethconfig.Defaults
	config.Genesis = n.genesis
	config.NetworkId = o.networkID
	config.SyncMode = ethconfig.FullSync
	config.DatabaseCache, config.TrieCleanCache, config.TrieDirtyCache, config.SnapshotCache = 16, 16, 16, 0
	config.TxPool.Journal, config.BlobPool.Datadir = "", ""
	config.LogNoHistory = true
	config.Miner.GasCeil = blockGas
	if o.requires {
		config.RequiredBlocks = map[uint64]common.Hash{1: {1}}
	}
	if n.eth, err = eth.New(n.stack, &config); err != nil {
		return nil, err
	}
	if n.beacon, err = catalyst.NewSimulatedBeacon(0, common.Address{1}, n.eth); err != nil {
		return nil, err
	}
	n.stack.RegisterLifecycle(n.beacon)
	if err := n.stack.Start(); err != nil {
		return nil, err
	}
	n.eth.SetSynced()
	n.beacon.Commit() // its time is now: every fork of the past is passed
	return n, nil
}

// newAccount has a key that is no secret: the chain exists in this process only.
func newAccount(purpose string) account {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("full-node: " + purpose)))
	if err != nil {
		panic(err)
	}
	return account{key: key}
}

func (n *fullNode) makeGenesis(offsets string) error {
	forks, err := parseNumbers(offsets)
	if err != nil {
		return err
	}
	if len(forks) > 2 {
		return errors.New("at most two forks")
	}
	n.genesis = core.DeveloperGenesisBlock(blockGas, nil)
	for _, funded := range []account{n.small, n.large, n.blobs} {
		million := new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(params.Ether))
		n.genesis.Alloc[crypto.PubkeyToAddress(funded.key.PublicKey)] = types.Account{Balance: million}
	}
	n.genesis.Timestamp = genesisTime
	config := n.genesis.Config
	config.ChainID = new(big.Int).SetUint64(1337)
	config.OsakaTime, config.BogotaTime = nil, nil
	blobs := *config.BlobScheduleConfig
	blobs.BPO1 = params.DefaultBPO1BlobConfig
	config.BlobScheduleConfig = &blobs
	for index, field := range []**uint64{&config.OsakaTime, &config.BPO1Time}[:len(forks)] {
		time := genesisTime + forks[index]
		*field = &time
		n.forks = append(n.forks, time)
	}
	return nil
}

// stop ends everything, and waits for it.
func (n *fullNode) stop() error { return n.stack.Close() }

// url is our address without the ?discport=0 that go-ethereum adds when there is no discovery.
func (n *fullNode) url() string {
	server := n.stack.Server()
	address, err := net.ResolveTCPAddr("tcp", server.ListenAddr)
	if err != nil {
		panic(err)
	}
	return enode.NewV4(&server.PrivateKey.PublicKey, address.IP, address.Port, address.Port).URLv4()
}

// describeChain says what another node must know to be on our chain; all block forks are at genesis.
func (n *fullNode) describeChain() jsonlines.Event {
	genesis := n.eth.BlockChain().Genesis()
	return jsonlines.Event{
		"networkId": n.network, "genesisHash": hex.EncodeToString(genesis.Hash().Bytes()), "genesisTime": genesis.Time(),
		"blocks": []uint64{}, "times": append([]uint64{}, n.forks...),
		"forkId": n.forkID(),
	}
}

func (n *fullNode) forkID() jsonlines.Event {
	id := forkid.NewIDWithChain(n.eth.BlockChain())
	return jsonlines.Event{"hash": hex.EncodeToString(id.Hash[:]), "next": id.Next}
}

// submit gives the pool transactions that differ in nonce and data, and returns their hashes.
// One with more than 4096 bytes is announced by go-ethereum and never sent unasked. Its tip is so small that no block takes it:
// it can be asked for as long as the node runs.
func (n *fullNode) submit(count, size int) ([]common.Hash, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	from, tip := &n.small, big.NewInt(params.GWei)
	if size > maxBroadcastSize {
		from, tip = &n.large, big.NewInt(1)
	}
	signer := types.LatestSigner(n.genesis.Config)
	txs := make([]*types.Transaction, count)
	hashes := make([]common.Hash, count)
	for index := range txs {
		tx, err := types.SignNewTx(from.key, signer, &types.DynamicFeeTx{
			ChainID: n.genesis.Config.ChainID, Nonce: from.nonce + uint64(index), To: &common.Address{2}, Value: big.NewInt(1),
			GasTipCap: tip, GasFeeCap: big.NewInt(1000 * params.GWei),
			Gas: 21_000 + 40*uint64(size), Data: slices.Repeat([]byte{0xda}, size),
		})
		if err != nil {
			return nil, err
		}
		txs[index], hashes[index] = tx, tx.Hash()
	}
	if err := errors.Join(n.eth.TxPool().Add(txs, true)...); err != nil {
		return nil, err
	}
	from.nonce += uint64(count)
	return hashes, nil
}

// submitBlobs is submit for transactions with one blob each. They are announced, and since eth/72 retrieved without the blob.
func (n *fullNode) submitBlobs(count int) ([]common.Hash, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	var blob kzg4844.Blob // of zeros
	commitment, err := kzg4844.BlobToCommitment(&blob)
	if err != nil {
		return nil, err
	}
	proofs, err := kzg4844.ComputeCellProofs(&blob)
	if err != nil {
		return nil, err
	}
	sidecar := types.NewBlobTxSidecar(
		types.BlobSidecarVersion1, []kzg4844.Blob{blob}, []kzg4844.Commitment{commitment}, proofs)
	signer := types.LatestSigner(n.genesis.Config)
	txs := make([]*types.Transaction, count)
	hashes := make([]common.Hash, count)
	for index := range txs {
		tx, err := types.SignNewTx(n.blobs.key, signer, &types.BlobTx{
			ChainID: uint256.MustFromBig(n.genesis.Config.ChainID), Nonce: n.blobs.nonce + uint64(index), To: common.Address{2},
			GasTipCap: uint256.NewInt(params.GWei), GasFeeCap: uint256.NewInt(100 * params.GWei), Gas: 21_000,
			BlobFeeCap: uint256.NewInt(params.GWei), BlobHashes: sidecar.BlobHashes(), Sidecar: sidecar,
		})
		if err != nil {
			return nil, err
		}
		txs[index], hashes[index] = tx, tx.Hash()
	}
	if err := errors.Join(n.eth.TxPool().Add(txs, true)...); err != nil {
		return nil, err
	}
	n.blobs.nonce += uint64(count)
	return hashes, nil
}

// traffic submits transactions every half second, one round in five with large ones, and moves the head by so many blocks that an
// announcement is sent each 3 s. A block that took a transaction at once could take it before it is sent to anyone.
func (n *fullNode) traffic(ctx context.Context, duration time.Duration) error {
	deadline, tick := time.After(duration), time.NewTicker(500*time.Millisecond)
	defer tick.Stop()
	var submitted, announcements int
	for round := 0; ; round++ {
		select {
		case <-tick.C:
			if round%6 == 5 {
				for range blocksPerAnnouncement {
					n.beacon.Commit()
				}
				announcements++
				continue
			}
			size := 100
			if round%6 == 0 {
				size = maxBroadcastSize + 1
			}
			hashes, err := n.submit(5, size)
			if err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			submitted += len(hashes)
			jsonlines.Emit(jsonlines.Event{"type": "submitted", "hashes": hashes})
		case <-deadline:
			jsonlines.Emit(jsonlines.Event{"type": "trafficEnded", "transactions": submitted, "announcements": announcements})
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
