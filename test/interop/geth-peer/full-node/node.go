package main

import (
	"cmp"
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

	// blocksPerAnnouncement is how far the head moves before go-ethereum sends a BlockRangeUpdate.
	// Source: eth/handler.go shouldSend.
	blocksPerAnnouncement = 32
)

// fullNode is one go-ethereum node with its chain; only our two accounts have funds.
type fullNode struct {
	stack   *node.Node
	eth     *eth.Ethereum
	beacon  *catalyst.SimulatedBeacon
	genesis *core.Genesis
	network uint64
	forks   []uint64 // times, in s since 1970

	// One account cannot have transactions in both pools of go-ethereum.
	account, blobAccount *ecdsa.PrivateKey
	nonce, blobNonce     uint64
	sending              sync.Mutex // guards both nonces
	work                 sync.WaitGroup
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
	n := &fullNode{network: o.networkID, account: accountKey("transactions"), blobAccount: accountKey("blobs")}
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

// accountKey is no secret: the chain exists in this process only.
func accountKey(purpose string) *ecdsa.PrivateKey {
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte("full-node: " + purpose)))
	if err != nil {
		panic(err)
	}
	return key
}

func (n *fullNode) makeGenesis(offsets string) error {
	forks, err := parseNumbers(offsets)
	if err != nil {
		return err
	}
	if len(forks) > 2 {
		return errors.New("at most two forks")
	}
	faucet := crypto.PubkeyToAddress(n.account.PublicKey)
	n.genesis = core.DeveloperGenesisBlock(blockGas, &faucet)
	n.genesis.Alloc[crypto.PubkeyToAddress(n.blobAccount.PublicKey)] = types.Account{Balance: big.NewInt(params.Ether)}
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
// One with more than 4096 bytes is announced by go-ethereum and never sent unasked.
func (n *fullNode) submit(count, size int) ([]common.Hash, error) {
	n.sending.Lock()
	defer n.sending.Unlock()
	signer := types.LatestSigner(n.genesis.Config)
	txs := make([]*types.Transaction, count)
	hashes := make([]common.Hash, count)
	for index := range txs {
		tx, err := types.SignNewTx(n.account, signer, &types.DynamicFeeTx{
			ChainID: n.genesis.Config.ChainID, Nonce: n.nonce + uint64(index), To: &common.Address{2}, Value: big.NewInt(1),
			GasTipCap: big.NewInt(params.GWei), GasFeeCap: big.NewInt(1000 * params.GWei),
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
	n.nonce += uint64(count)
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
		tx, err := types.SignNewTx(n.blobAccount, signer, &types.BlobTx{
			ChainID: uint256.MustFromBig(n.genesis.Config.ChainID), Nonce: n.blobNonce + uint64(index), To: common.Address{2},
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
	n.blobNonce += uint64(count)
	return hashes, nil
}

// traffic moves the head by so many blocks that an announcement is sent each 3 s, and submits small and large transactions every
// half second, until it is over.
func (n *fullNode) traffic(ctx context.Context, duration time.Duration) error {
	deadline, tick := time.After(duration), time.NewTicker(500*time.Millisecond)
	defer tick.Stop()
	var submitted, announcements int
	for round := 0; ; round++ {
		select {
		case <-tick.C:
			size := cmp.Or(5000*(round%4/3), 100) // each fourth is announced only
			hashes, err := n.submit(5, size)
			if err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			submitted += len(hashes)
			jsonlines.Emit(jsonlines.Event{"type": "submitted", "hashes": hashes})
			if round%6 == 5 {
				for range blocksPerAnnouncement {
					n.beacon.Commit()
				}
				announcements++
			}
		case <-deadline:
			jsonlines.Emit(jsonlines.Event{"type": "trafficEnded", "transactions": submitted, "announcements": announcements})
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
